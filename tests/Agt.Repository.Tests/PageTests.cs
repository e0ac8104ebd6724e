using System.Text.RegularExpressions;
using Agt.Docs;

namespace Agt.Repository.Tests;

public sealed partial class PageTests
{
    public static TheoryData<string> Pages => [.. Repository.Files("", ".md").Where(page => page != ConformancePage.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_path_that_a_page_names_exists(string page) => Repository.AssertNone(MissingPaths(page, Repository.Read(page)));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_inside_the_repository_leads_somewhere(string page) => Repository.AssertNone(BrokenLinks(page, Repository.Read(page)));

    [Fact]
    public void Every_requirement_the_threat_table_names_is_listed()
    {
        RequirementTable table = RequirementTable.Load(Path.Combine(Repository.Root, "docs", "requirements"));
        List<string> named = [.. RowId().Matches(Repository.Read("SECURITY.md")).Select(match => match.Value).Distinct()];

        Assert.NotEmpty(named);
        Repository.AssertNone(named.Where(id => !table.Contains(id)));
    }

    [Fact]
    public void The_readme_has_one_place_for_the_quickstart_output() =>
        Assert.Single(Regex.Matches(Repository.Read("README.md"), "<!-- quickstart-output -->\n```text\n.*?```\n<!-- /quickstart-output -->", RegexOptions.Singleline));

    [Fact]
    public void A_missing_path_and_a_broken_link_are_found()
    {
        Assert.Equal(["docs/a.md: no eng/none.sh in the repository."], MissingPaths("docs/a.md", "`eng/none.sh` and `eng/bench.sh` and `a/b`"));
        Assert.Equal(["docs/a.md: no target for none.md."], BrokenLinks("docs/a.md", "[x](none.md) [y](../README.md#top) [z](https://example.com/none.md)"));
    }

    private static IEnumerable<string> MissingPaths(string page, string text) =>
        RepositoryPath().Matches(text).Select(match => match.Groups["path"].Value).Where(path => !Exists(path)).Select(path => $"{page}: no {path} in the repository.");

    private static IEnumerable<string> BrokenLinks(string page, string text)
    {
        string folder = Path.GetDirectoryName(page) ?? "";
        return Link().Matches(text).Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Exists(Path.Combine(folder, target.Split('#')[0])))
            .Select(target => $"{page}: no target for {target}.");
    }

    private static bool Exists(string path) => Path.Exists(Path.Combine(Repository.Root, path));

    [GeneratedRegex(@"`(?<path>(src|tests|eng|docs|bench|samples|\.ci)/[\w./\-]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"\b(POL|ADP)-[XC]?[0-9]{2,3}\b", RegexOptions.CultureInvariant)]
    private static partial Regex RowId();
}
