namespace Agt.Policy.Folders;

/// <summary>Where a path leads.</summary>
/// <param name="Place">In the tree or not.</param>
/// <param name="Path">Relative to the root, parted by <c>/</c>; empty for the root itself.</param>
/// <param name="IsFolder">Whether it is a folder, or written as one.</param>
/// <param name="StaysInTree">Whether the way there never leaves the tree, where changes are noticed: a link beside the tree can lead into it today, and elsewhere in it tomorrow.</param>
internal readonly record struct ResolvedPath(PathPlace Place, string Path, bool IsFolder, bool StaysInTree = true)
{
    internal static ResolvedPath Refused => new(PathPlace.Refused, string.Empty, false, StaysInTree: false);

    internal static ResolvedPath Outside => new(PathPlace.Outside, string.Empty, false, StaysInTree: false);

    /// <summary>The folder whose policies hold: itself, or that of the file.</summary>
    internal string Folder => IsFolder ? Path : Path.LastIndexOf('/') is >= 0 and var last ? Path[..last] : string.Empty;
}
