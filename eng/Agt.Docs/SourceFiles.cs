namespace Agt.Docs;

/// <summary>Walks a source tree without build output.</summary>
internal static class SourceFiles
{
    private static readonly string[] Skipped = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>Files below <paramref name="folder"/> in ordinal order, optionally of one extension; build output and hidden tool folders are left out.</summary>
    internal static IEnumerable<string> Under(string folder, string? extension = null)
    {
        var files = new List<string>();
        var open = new Stack<string>([folder]);
        while (open.TryPop(out string? next))
        {
            files.AddRange(Directory.GetFiles(next).Where(file => Path.GetFileName(file) != ".git" && (extension is null || file.EndsWith(extension, StringComparison.Ordinal))));
            foreach (string child in Directory.GetDirectories(next))
            {
                string name = Path.GetFileName(child);
                if (!Skipped.Contains(name) && name is not (".git" or ".vs" or ".idea"))
                    open.Push(child);
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>The folder that holds <c>Agt.sln</c>, from <paramref name="start"/> upwards.</summary>
    internal static string RepositoryRoot(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Agt.sln")))
                return folder.FullName;
        }

        throw new DocsException($"No Agt.sln in {start} or above.");
    }
}
