namespace Agt.Repository.Tests;

public sealed class SnippetTests
{
    /// <summary>Reasons a block may give for not being compiled. A reason is added here in review, never in the page alone.</summary>
    private static readonly string[] Excuses = [];

    public static TheoryData<string> Pages => [.. Repository.Files("", ".md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_snippet_compiles_against_the_product(string page) =>
        Repository.AssertNone(Snippet.In(page, Repository.Read(page)).Where(snippet => snippet.Excuse is null).SelectMany(snippet => snippet.Errors()));

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_snippet_is_left_out_only_for_a_listed_reason(string page) =>
        Repository.AssertNone(Snippet.In(page, Repository.Read(page)).Where(s => s.Excuse is { } reason && !Excuses.Contains(reason)).Select(s => $"{s.Place}: '{s.Excuse}' is no listed reason."));

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_snippet_that_compiles_has_no_excuse(string page) =>
        Repository.AssertNone(Snippet.In(page, Repository.Read(page)).Where(s => s.Excuse is not null && s.Errors().Count == 0).Select(s => $"{s.Place}: compiles; remove '{s.Excuse}'."));

    [Fact]
    public void Every_listed_reason_is_given_somewhere() =>
        Assert.Equal(Excuses, Repository.Files("", ".md").SelectMany(page => Snippet.In(page, Repository.Read(page))).Select(s => s.Excuse).OfType<string>().Distinct());

    [Fact]
    public void A_correct_snippet_compiles() => Assert.Empty(Only("""
        <!-- csharp-prelude
        using System.Text;
        var given = new StringBuilder("x");
        -->
        ```csharp
        using Agt.Testing;

        Console.WriteLine(given.Length);
        string? name = await Task.FromResult(typeof(RequirementAttribute).Name);
        ```
        """).Errors());

    [Fact]
    public void A_declaration_needs_no_statement() => Assert.Empty(Only("```csharp\npublic sealed record Order(int Id);\n```\n").Errors());

    [Fact]
    public void A_snippet_that_uses_an_unknown_member_fails_with_its_line()
    {
        Snippet snippet = Only("# Title\n\nText.\n\n```csharp\n\"x\".AddGovernanceThatIsNot();\n```\n");

        Assert.StartsWith("page.md:6: CS1061", Assert.Single(snippet.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("```csharp\nint x = ;\n```\n")]
    [InlineData("```cs\nint x = \"text\";\n```\n")]
    [InlineData("- item\n  ```csharp\n  Missing.Call();\n  ```\n")]
    public void A_broken_snippet_fails(string markdown) => Assert.NotEmpty(Only(markdown).Errors());

    [Fact]
    public void An_excuse_is_read_from_the_first_line() =>
        Assert.Equal("needs a paid service", Only("```csharp\n// not compiled: needs a paid service\nx();\n```\n").Excuse);

    [Fact]
    public void Other_languages_are_not_snippets() => Assert.Empty(Snippet.In("page.md", "```yaml\na: 1\n```\n```\ntext\n```\n"));

    private static Snippet Only(string markdown) => Assert.Single(Snippet.In("page.md", markdown));
}
