namespace Agt.Policy.Folders;

/// <summary>Looks through a tree for policies, once for each set (POL-110).</summary>
internal static class FolderScan
{
    private static readonly string[] FileNames = ["governance.yaml", "governance.yml"];
    private static readonly string[] NotLookedInto = [".git", "node_modules"];

    internal static bool IsPolicyFile(string path) => FileNames.Contains(Path.GetFileName(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>All policies of the tree, the root's first.</summary>
    /// <exception cref="PolicyLoadException">The root cannot be read, or the tree is too large.</exception>
    internal static List<FolderFile> Read(string root, PolicyFolderOptions options, PolicyLoadOptions loading)
    {
        var found = new List<FolderFile>();
        var open = new Queue<string>([root]);
        int looked = 0;
        while (open.TryDequeue(out string? folder))
        {
            if (++looked > options.MaxFolders || found.Count > loading.MaxFiles)
            {
                throw Refused("AGTP056", options.Root, $"The tree has more than {options.MaxFolders} folders or {loading.MaxFiles} policies.", "Raise PolicyFolderOptions.MaxFolders or PolicyLoadOptions.MaxFiles, or choose a smaller root.");
            }

            try
            {
                if (Array.Find(FileNames, name => File.Exists(Path.Combine(folder, name))) is { } file)
                {
                    found.Add(ReadFile(root, folder, Path.Combine(folder, file), loading));
                }

                foreach (DirectoryInfo inner in new DirectoryInfo(folder).EnumerateDirectories().OrderBy(inner => inner.Name, StringComparer.Ordinal))
                {
                    if (inner.LinkTarget is null && !NotLookedInto.Contains(inner.Name, StringComparer.OrdinalIgnoreCase))
                    {
                        open.Enqueue(inner.FullName);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (folder == root)
                {
                    throw Refused("AGTP002", options.Root, "The root of the policies cannot be read: " + exception.Message, "Check the path and its permissions.");
                }

                // What cannot be looked into may hold a policy: nothing below it is allowed.
                string relative = Relative(root, folder);
                found.Add(new FolderFile(relative, relative, null, [Finding("AGTP002", relative, "The folder cannot be read: " + exception.Message, "Check its permissions.")]));
            }
        }

        return found;
    }

    internal static string Relative(string root, string path)
    {
        string relative = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
        return relative == "." ? string.Empty : relative;
    }

    private static FolderFile ReadFile(string root, string folder, string file, PolicyLoadOptions loading)
    {
        string name = Relative(root, file);
        if (new FileInfo(file).LinkTarget is not null)
        {
            return new FolderFile(Relative(root, folder), name, null, [Finding("AGTP057", name, "The policy of a folder is a link.", "Put the file itself there.")]);
        }

        PolicyLoadResult result = PolicyLoader.Load(file, loading);
        return new FolderFile(Relative(root, folder), name, result.IsSuccess ? result.Documents.SingleOrDefault() : null, result.Diagnostics);
    }

    private static PolicyLoadException Refused(string code, string source, string message, string fix) => new([Finding(code, source, message, fix)]);

    private static PolicyDiagnostic Finding(string code, string source, string message, string fix) =>
        new(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix);
}
