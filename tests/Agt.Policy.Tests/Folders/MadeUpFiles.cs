using Agt.Policy.Folders;

namespace Agt.Policy.Tests.Folders;

/// <summary>A file system that is made up, and counts what it is asked.</summary>
internal sealed class MadeUpFiles : IFileFacts
{
    internal Dictionary<string, string> Links { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Folders { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Files { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> Unreadable { get; } = new(StringComparer.Ordinal);

    internal int Asked { get; private set; }

    public bool MayCache { get; set; } = true;

    public long Version { get; set; }

    public EntryKind KindOf(string path, out string? target)
    {
        Asked++;
        return Links.TryGetValue(path, out target) ? EntryKind.Link
            : Unreadable.Contains(path) ? EntryKind.Unreadable
            : Folders.Contains(path) ? EntryKind.Folder
            : Files.Contains(path) ? EntryKind.File : EntryKind.Missing;
    }
}
