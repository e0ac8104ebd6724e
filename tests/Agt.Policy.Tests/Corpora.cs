namespace Agt.Policy.Tests;

/// <summary>Data of other projects, in the folder that <c>AGT_CORPORA</c> names, else beside the repository. A test that needs it is skipped where it is missing, and fails in CI.</summary>
internal static class Corpora
{
    internal static string? Folder(string inside)
    {
        string? named = Environment.GetEnvironmentVariable("AGT_CORPORA");
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); named is null && at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "..", "shared", "data");
            if (File.Exists(Path.Combine(at.FullName, "Agt.sln")) && Directory.Exists(candidate))
            {
                named = candidate;
            }
        }

        string? folder = named is null ? null : Path.Combine(named, inside);
        return Directory.Exists(folder) ? folder : null;
    }

    internal static string Require(string inside)
    {
        string? folder = Folder(inside);
        if (folder is null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "The corpora are not there; set AGT_CORPORA to their folder.");
            Assert.Fail("The corpora are not there; set AGT_CORPORA to their folder.");
        }

        return folder;
    }
}
