using System.Text;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Tests;

public sealed class PackTests
{
    private static readonly PackLibrary BuiltIn = PackLibrary.BuiltIn();

    [Fact]
    [Requirement("CMP-001", "CMP-004")]
    public void Eight_frameworks_come_with_the_ids_that_are_asked_for()
    {
        Assert.Equal(["eu_ai_act", "gdpr", "hipaa", "iso_42001", "nist_ai_rmf", "owasp_asi_2026", "owasp_llm_2025", "soc2"], BuiltIn.Packs.Keys);
        Assert.Equal("soc2", Assert.Single(BuiltIn.Select([])).Framework);
        Assert.Equal(["gdpr", "hipaa"], BuiltIn.Select(["gdpr", "hipaa", "gdpr"]).Select(pack => pack.Framework));
        Assert.Equal(8, BuiltIn.Select(["all"]).Count);
        Assert.Contains("soc2", Assert.Throws<ArgumentException>(() => BuiltIn.Select(["soc3"])).Message, StringComparison.Ordinal);
        string[] ids = [.. BuiltIn.Packs.Values.SelectMany(pack => pack.Controls).Select(control => control.ControlId)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Superset(new HashSet<string> { "SOC2-CC6.1", "SOC2-CC7.2", "HIPAA-164.312(a)(1)", "HIPAA-164.312(b)", "EUAI-ART9", "EUAI-ART13", "GDPR-ART5", "GDPR-ART22" }, ids.ToHashSet());
        Assert.Superset(new HashSet<int> { 9, 10, 11, 12, 13, 14, 15, 17, 19, 26, 50, 72, 73 }.Select(article => $"EUAI-ART{article}").ToHashSet(), ids.ToHashSet());
        Assert.Equal(10, BuiltIn.Packs["owasp_llm_2025"].Controls.Count);
    }

    [Fact]
    [Requirement("CMP-016")]
    public void The_agentic_risks_have_their_published_titles_and_each_asks_for_a_live_probe()
    {
        IReadOnlyList<ComplianceControl> controls = BuiltIn.Packs["owasp_asi_2026"].Controls;
        Assert.Equal(
            [
                "ASI01 Agent Goal Hijack", "ASI02 Tool Misuse & Exploitation", "ASI03 Identity & Privilege Abuse", "ASI04 Agentic Supply Chain", "ASI05 Unexpected Code Execution",
                "ASI06 Memory & Context Poisoning", "ASI07 Insecure Inter-Agent Communication", "ASI08 Cascading Failures", "ASI09 Human-Agent Trust Exploitation", "ASI10 Rogue Agents",
            ],
            controls.Select(control => $"{control.ControlId} {control.Name}"));
        Assert.All(controls, control => Assert.Contains(control.Checks, check => check is { Required: true, Critical: true } && check.Among.ToString().Contains("event_type=compliance.probe", StringComparison.Ordinal)));
    }

    [Fact]
    [Requirement("CMP-017")]
    public void The_dates_of_the_AI_Act_are_data_with_source_and_review()
    {
        CompliancePack pack = BuiltIn.Packs["eu_ai_act"];
        Assert.Equal(new DateOnly(2026, 8, 2), pack.Dates.Single(date => date.Name.Contains("article 50", StringComparison.Ordinal)).Applies);
        Assert.Equal(new DateOnly(2027, 12, 2), pack.Dates.Single(date => date.Name.Contains("Annex III", StringComparison.Ordinal)).Applies);
        Assert.Equal(new DateOnly(2028, 8, 2), pack.Dates.Single(date => date.Name.EndsWith("Annex I", StringComparison.Ordinal)).Applies);
        Assert.All(pack.Dates, date => Assert.NotEmpty(date.Source));
        Assert.All(BuiltIn.Packs.Values, one => Assert.True(one.Reviewed > new DateOnly(2026, 1, 1) && one.Source.Length > 20 && one.Sources.All(source => source.Sha256.Length == 64), one.Framework));
    }

    [Fact]
    [Requirement("CMP-002")]
    public void A_control_says_what_it_must_and_the_rest_is_empty()
    {
        CompliancePack pack = With(TestLog.Pack(TestLog.Control("X1"))).Packs["test"];
        ComplianceControl control = Assert.Single(pack.Controls);
        Assert.Equal(("X1", "test", "X1", "d", "c"), (control.ControlId, control.Framework, control.Name, control.Description, control.Category));
        Assert.Null(control.Subcategory);
        Assert.Empty(control.Requirements);
        Assert.Empty(control.EvidenceTypes);
        foreach (string member in new[] { "id", "title", "category", "description" })
        {
            string without = string.Join('\n', TestLog.Pack(TestLog.Control("X1")).Split('\n').Where(line => !line.Trim(' ', '-').StartsWith(member + ":", StringComparison.Ordinal) || (member == "title" && !line.StartsWith(' '))));
            without = member == "id" ? TestLog.Pack("  - title: t\n    category: c\n    description: d\n") : without;
            Assert.Contains(Problems(without), problem => problem.Message.Contains($"'{member}' is missing", StringComparison.Ordinal));
        }
    }

    [Fact]
    [Requirement("CMP-001")]
    public void A_pack_of_ones_own_adds_to_a_framework_or_takes_its_place()
    {
        string own = TestLog.Pack(TestLog.Control("SOC2-CC6.1"), TestLog.Control("ACME-1")).Replace("framework: test", "framework: soc2", StringComparison.Ordinal);
        CompliancePack extended = With(own).Packs["soc2"];
        Assert.Equal(BuiltIn.Packs["soc2"].Controls.Select(control => control.ControlId).Append("ACME-1"), extended.Controls.Select(control => control.ControlId));
        Assert.Equal("SOC2-CC6.1", extended.Controls[0].Name);
        Assert.Equal(["soc2.yaml", "test.yaml"], extended.Sources.Select(source => source.Name));
        CompliancePack replaced = With(own + "mode: replace\n").Packs["soc2"];
        Assert.Equal(["SOC2-CC6.1", "ACME-1"], replaced.Controls.Select(control => control.ControlId));
    }

    [Theory]
    [Requirement("CMP-001")]
    [InlineData("among: tool_decision", 14, "Did you mean 'tool_decisions'?")]
    [InlineData("among: { desicion: deny }", 14, "Did you mean 'decision'?")]
    [InlineData("among: decisions, requird: false", 14, "Did you mean 'required'?")]
    [InlineData("among: decisions, at_least: -1", 14, "whole number")]
    [InlineData("among: decisions, good: denied, bad: denied", 14, "both 'good' and 'bad'")]
    [InlineData("log: verifed", 14, "verified")]
    [InlineData("good: denied", 14, "neither 'among'")]
    public void A_typo_is_told_with_file_line_and_how_to_mend_it(string check, int line, string told)
    {
        string pack = "# one\n# two\n" + TestLog.Pack(TestLog.Control("X1", check));
        PackProblem problem = Assert.Single(Problems(pack));
        Assert.Equal(("test.yaml", line + 1), (problem.File, problem.Line));
        Assert.Contains(told, problem.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(problem.Fix);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a\n- b\n")]
    [InlineData("a: [1\n")]
    [InlineData("a: !!int 1\n")]
    [InlineData("a: &x 1\nb: *x\n")]
    [InlineData("a: 1\na: 2\n")]
    [InlineData("a: 1\n---\nb: 2\n")]
    [InlineData("\0\u0001")]
    public void What_is_no_pack_is_refused_without_more(string text) => Assert.All(Problems(text), problem => Assert.NotEmpty(problem.Fix));

    [Fact]
    public void A_pack_is_bounded()
    {
        Assert.NotEmpty(Problems(new string('#', 1024 * 1024 + 1)));
        Assert.NotEmpty(Problems(string.Concat(Enumerable.Repeat("[", 200)) + string.Concat(Enumerable.Repeat("]", 200))));
        Assert.NotEmpty(Problems("a: [" + string.Join(',', Enumerable.Repeat("1", 60_000)) + "]"));
        Assert.True(Problems(TestLog.Pack([.. Enumerable.Range(0, 400).Select(i => TestLog.Control($"X{i}", "among: nothing"))])).Count <= 50);
        Assert.Contains("UTF-8", Assert.Throws<PackException>(() => BuiltIn.With([0x61, 0xff, 0xfe], "x.yaml")).Message, StringComparison.Ordinal);
    }

    private static PackLibrary With(string pack) => BuiltIn.With(Encoding.UTF8.GetBytes(pack), "test.yaml");

    private static IReadOnlyList<PackProblem> Problems(string pack) => Assert.Throws<PackException>(() => With(pack)).Problems;
}
