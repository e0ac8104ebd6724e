namespace Agt.Policy.Folders;

/// <summary>The policy files of a folder tree, read at one time. Immutable and thread-safe.</summary>
internal sealed class FolderTree
{
    private readonly Dictionary<string, FolderFile> _byFolder;

    internal FolderTree(string root, PathRules rules, IReadOnlyList<FolderFile> files, IReadOnlyList<PolicyDiagnostic> diagnostics)
    {
        Root = root;
        Rules = rules;
        Files = files;
        Diagnostics = diagnostics;
        _byFolder = files.ToDictionary(file => rules.Compose(file.Folder), rules.Comparer);
    }

    /// <summary>The root, without links.</summary>
    internal string Root { get; }

    internal PathRules Rules { get; }

    /// <summary>The files in ordinal order of their folders.</summary>
    internal IReadOnlyList<FolderFile> Files { get; }

    internal IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>The file of a folder, if it has one.</summary>
    internal FolderFile? Of(string folder) => _byFolder.GetValueOrDefault(folder);

    /// <summary>This tree with other files in the place of some.</summary>
    internal FolderTree With(IReadOnlyList<FolderFile> files) => new(Root, Rules, files, Diagnostics);

    /// <summary>The files that hold for a path, that of the root first (POL-110 to POL-112).</summary>
    /// <param name="path">The path.</param>
    /// <param name="strict">
    /// False lets a document that does not inherit cut off those above it, whatever it is about. True leaves that to <see cref="ChainMerger"/>, which keeps their denials.
    /// </param>
    internal List<FolderFile> ChainOf(in ResolvedPath path, bool strict)
    {
        var chain = new List<FolderFile>();
        Add(string.Empty, chain);
        string folder = path.Folder;
        for (int end = 0; folder.Length > 0 && end >= 0;)
        {
            end = folder.IndexOf('/', end + 1);
            Add(end < 0 ? folder : folder[..end], chain);
        }

        if (!strict)
        {
            chain.RemoveRange(0, Math.Max(0, chain.FindLastIndex(file => !file.Inherits)));
        }

        ResolvedPath about = path;
        chain.RemoveAll(file => !file.IsAbout(about, strict && Rules.IgnoresCase));
        return chain;
    }

    private void Add(string folder, List<FolderFile> chain)
    {
        if (Of(folder) is { } file)
        {
            chain.Add(file);
        }
    }
}
