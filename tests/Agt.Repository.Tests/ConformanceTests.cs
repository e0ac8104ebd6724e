using System.Text.RegularExpressions;
using Agt.Docs;

namespace Agt.Repository.Tests;

public sealed partial class ConformanceTests
{
    private static readonly RequirementTable Small = RequirementTable.Parse("t.tsv", "# One", "POL-001\tM\tFirst", "POL-002\tS\tSecond", "POL-003\tM\tThird | with a bar");

    [Fact]
    public void The_page_is_what_the_tests_and_tables_say()
    {
        string expected = ConformancePage.Generate(Repository.Root);

        Assert.True(expected == Repository.Read(ConformancePage.Path), $"{ConformancePage.Path} is stale: run eng/conformance.sh and commit the result.");
    }

    [Fact]
    public void Every_row_of_the_specification_is_listed()
    {
        string folder = Path.Combine(Repository.Root, "..", "shared", "spec");
        Assert.SkipUnless(Directory.Exists(folder), "the specification is not beside the repository");
        RequirementTable table = RequirementTable.Load(Path.Combine(Repository.Root, "docs", "requirements"));
        Dictionary<string, char> levels = table.Rows.ToDictionary(row => row.Id, row => row.Level, StringComparer.Ordinal);

        var rows = Directory.GetFiles(folder, "*.md").SelectMany(File.ReadLines).Select(line => SpecRow().Match(line)).Where(m => m.Success && IsCovered(m.Groups["id"].Value)).ToList();

        Assert.True(rows.Count > 400, $"only {rows.Count} rows found");
        Repository.AssertNone(rows.Where(m => !levels.ContainsKey(m.Groups["id"].Value)).Select(m => $"{m.Groups["id"].Value} is in no table of docs/requirements."));
        Repository.AssertNone(rows.Where(m => m.Groups["level"].Success && levels[m.Groups["id"].Value] != m.Groups["level"].Value[0]).Select(m => $"{m.Groups["id"].Value}: level differs."));
    }

    [Fact]
    public void A_test_makes_its_row_proven_and_a_gap_makes_it_partial()
    {
        string page = Page("""[Fact, Requirement("POL-001", "POL-003")] public void A() {} [Theory][Requirement("POL-003", Partial = "only half")] public void B() {}""");

        Assert.Contains("| POL-001 | M | First | proven | `T.A` |\n", page, StringComparison.Ordinal);
        Assert.Contains("| POL-002 | S | Second | planned |  |\n", page, StringComparison.Ordinal);
        Assert.Contains("| POL-003 | M | Third \\| with a bar | partial: only half | `T.A`<br>`T.B` |\n", page, StringComparison.Ordinal);
        Assert.Contains("| POL | 3 | 1 | 1 | 1 | 0 |\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Decisions_are_shown_with_their_reason()
    {
        string page = Page("""[Fact][Requirement("POL-001")] public void A() {}""", "POL-001\tpartial\tone of two forms", "POL-002..POL-003\tdeclined\tnobody needs it");

        Assert.Contains("| partial: one of two forms | `T.A` |", page, StringComparison.Ordinal);
        Assert.Contains("| Second | declined: nobody needs it |  |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_on_a_class_covers_its_tests()
    {
        RequirementProof proof = Assert.Single(TestScan.Source("a.cs", """[Agt.Testing.RequirementAttribute("POL-" + "001")] class T { class N {} [Fact] void A() {} }"""));

        Assert.Equal(("POL-001", "T.*"), (proof.Id, proof.Test));
    }

    [Theory]
    [InlineData("""class T { [Requirement("POL-001")] void Helper() {} }""")]
    [InlineData("""class T { [Fact(Skip = "later"), Requirement("POL-001")] void A() {} }""")]
    [InlineData("""class T { [Fact, Requirement] void A() {} }""")]
    [InlineData("""class T { [Fact, Requirement(Ids.One)] void A() {} }""")]
    [InlineData("""[Requirement("POL-001")] class T { void A() {} }""")]
    public void A_mark_that_proves_nothing_is_refused(string source) =>
        Assert.StartsWith("a.cs:1", Assert.Throws<DocsException>(() => TestScan.Source("a.cs", source).ToList()).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_id_is_found() =>
        Assert.Equal("POL-999", Assert.Single(Proofs("""[Fact][Requirement("POL-999")] public void A() {}""").Unknown(Small)).Id);

    [Theory]
    [InlineData("POL-001\tplanned\tsoon", "is planned but T.A proves it")]
    [InlineData("POL-001\tdeclined\tno", "is declined but T.A proves it")]
    [InlineData("POL-001..POL-002\tdeclined\tno", "is declined but T.A proves it")]
    [InlineData("POL-002\tpartial\thalf", "says nothing about any row")]
    [InlineData("POL-002\tplanned\tsoon\nPOL-002\tdeclined\tno", "says nothing about any row")]
    public void A_decision_that_is_unused_or_contradicted_is_found(string lines, string finding)
    {
        RequirementDecisions decisions = RequirementDecisions.Parse("d.tsv", lines.Split('\n'), Small);

        Assert.Contains(finding, Assert.Single(decisions.Problems(Proofs("""[Fact][Requirement("POL-001")] public void A() {}"""))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POL-009\tplanned\tsoon")]
    [InlineData("POL-003..POL-001\tplanned\tsoon")]
    [InlineData("POL-001\tmaybe\tsoon")]
    [InlineData("POL-001\tplanned\t")]
    [InlineData("POL-001 planned soon")]
    public void A_malformed_decision_is_refused_with_its_line(string line) =>
        Assert.StartsWith("d.tsv:1: ", Assert.Throws<DocsException>(() => RequirementDecisions.Parse("d.tsv", [line], Small)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("POL-001\tM\tBefore any section")]
    [InlineData("# S\nPOL-001\tX\tUnknown level")]
    [InlineData("# S\npol-1\tM\tOdd id")]
    [InlineData("# S\nPOL-001\tM\tTwice\nPOL-001\tM\tTwice")]
    public void A_malformed_table_is_refused(string lines) =>
        Assert.Throws<DocsException>(() => RequirementTable.Parse("t.tsv", lines.Split('\n')));

    private static string Page(string members, params string[] decisions) =>
        ConformancePage.Render(Small, Proofs(members), RequirementDecisions.Parse("d.tsv", decisions, Small));

    private static RequirementProofs Proofs(string members) => new(TestScan.Source("a.cs", $"class T {{ {members} }}"));

    /// <summary>Of the adapter rows only those of the spine and its two frameworks belong to this product so far.</summary>
    private static bool IsCovered(string id) =>
        id.StartsWith("POL-", StringComparison.Ordinal)
        || (id.StartsWith("ADP-", StringComparison.Ordinal) && (!char.IsAsciiDigit(id[4]) || string.CompareOrdinal(id, "ADP-231") <= 0));

    [GeneratedRegex(@"^\| (?<id>(POL|ADP)-[XC]?[0-9]{2,3}) \|( (?<level>[MSO]) \|)?", RegexOptions.CultureInvariant)]
    private static partial Regex SpecRow();
}
