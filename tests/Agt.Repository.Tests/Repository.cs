using Agt.Docs;

namespace Agt.Repository.Tests;

/// <summary>The checked-out tree that the tests read.</summary>
internal static class Repository
{
    internal static string Root { get; } = SourceFiles.RepositoryRoot(AppContext.BaseDirectory);

    /// <summary>A file's text by its path from the root.</summary>
    internal static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Paths from the root, with forward slashes, of every file below a folder (all when empty).</summary>
    internal static IEnumerable<string> Files(string folder = "", string? extension = null) =>
        SourceFiles.Under(Path.Combine(Root, folder), extension).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'));

    /// <summary>Fails with one line a finding.</summary>
    internal static void AssertNone(IEnumerable<string> findings)
    {
        List<string> list = [.. findings];
        if (list.Count > 0)
            Assert.Fail(string.Join('\n', list));
    }
}
