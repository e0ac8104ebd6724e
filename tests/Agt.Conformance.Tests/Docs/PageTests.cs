namespace Agt.Conformance.Tests.Docs;

/// <summary>The page about writing an adapter shows the code that these tests run.</summary>
public sealed class PageTests
{
    [Theory]
    [InlineData("Clerk.cs")]
    [InlineData("ClerkGovernance.cs")]
    [InlineData("ClerkFixture.cs")]
    public void The_page_quotes_the_code_as_it_is(string file)
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "writing-an-adapter.md"));
        Assert.Contains(File.ReadAllText(Source(file)).TrimEnd(), page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_adapter_of_the_page_has_less_than_a_hundred_lines() =>
        Assert.InRange(File.ReadAllLines(Source("ClerkGovernance.cs")).Length, 1, 99);

    private static string Source(string file) => Path.Combine(Root(), "tests", "Agt.Conformance.Tests", "Docs", file);

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Agt.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
