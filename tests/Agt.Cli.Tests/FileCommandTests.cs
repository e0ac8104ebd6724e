using System.Text.Json;
using System.Xml.Linq;
using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class FileCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ExitCode.Success, TempFolder.Billing)]
    [InlineData(ExitCode.Findings, "apiVersion: governance.toolkit/v1\nname: x\nrulez: []\n")]
    [InlineData(ExitCode.Unreadable, "apiVersion: [\n")]
    [Requirement("POL-013")]
    public async Task Validate_tells_valid_invalid_and_unreadable_apart(int code, string text)
    {
        CliRun run = await CliRun.Of("policy", "validate", _folder.Write("p.yaml", text));

        Assert.Equal(code, run.Code);
        Assert.Equal(code == ExitCode.Success, run.Errors.Length == 0);
    }

    [Fact]
    [Requirement("POL-013")]
    public async Task Validate_gives_severity_pointer_line_and_code_of_every_finding()
    {
        string file = _folder.Write("p.yaml", "apiVersion: governance.toolkit/v1\nname: x\nagents: ['*']\nrulez: []\nrules:\n  - name: a\n    condition: tool_name == 'x'\n    action: alow\n");

        CliRun run = await CliRun.Of("policy", "validate", file, "--json");

        JsonElement[] findings = [.. JsonDocument.Parse(run.Output).RootElement.GetProperty("findings").EnumerateArray()];
        Assert.Equal([4, 8], findings.Select(finding => finding.GetProperty("line").GetInt32()));
        Assert.All(findings, finding => Assert.Equal("error", finding.GetProperty("severity").GetString()));
        Assert.All(findings, finding => Assert.StartsWith("AGTP", finding.GetProperty("code").GetString(), StringComparison.Ordinal));
        Assert.Equal("/rules/0/action", findings[1].GetProperty("pointer").GetString());
    }

    [Fact]
    [Requirement("POL-013")]
    public async Task A_manifest_of_the_agent_control_specification_is_checked_as_one()
    {
        const string Manifest = "agent_control_specification_version: 0.3.1-beta\npolicies: { p: { type: test } }\nintervention_points: { input: { policy_target: $.input, policy: { id: p } } }\n";
        CliRun valid = await CliRun.Of("policy", "validate", _folder.Write("m.yaml", Manifest));
        Assert.Equal(ExitCode.Success, valid.Code);
        Assert.Contains("1 manifest", valid.Output, StringComparison.Ordinal);

        CliRun invalid = await CliRun.Of("policy", "validate", _folder.Write("n.yaml", Manifest.Replace("id: p", "id: q", StringComparison.Ordinal)));
        Assert.Equal(ExitCode.Findings, invalid.Code);
        Assert.Contains("n.yaml:3:", invalid.Errors, StringComparison.Ordinal);
        Assert.Contains("AGTP323", invalid.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-013")]
    public async Task A_missing_file_is_unreadable() => Assert.Equal(ExitCode.Unreadable, (await CliRun.Of("policy", "validate", _folder["none.yaml"])).Code);

    [Fact]
    [Requirement("POL-X29")]
    public async Task Lint_writes_sarif()
    {
        string file = _folder.Write("p q.yaml", "apiVersion: governance.toolkit/v1\nname: x\nagents: ['*']\nrulez: []\n");

        CliRun run = await CliRun.Of("policy", "lint", file, "--sarif");

        JsonElement sarif = JsonDocument.Parse(run.Output).RootElement;
        JsonElement result = sarif.GetProperty("runs")[0].GetProperty("results")[0];
        JsonElement place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal(("2.1.0", "error", 4), (sarif.GetProperty("version").GetString(), result.GetProperty("level").GetString(), place.GetProperty("region").GetProperty("startLine").GetInt32()));
        Assert.EndsWith("/p%20q.yaml", place.GetProperty("artifactLocation").GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Findings, run.Code);
    }

    [Fact]
    [Requirement("POL-X29")]
    public async Task Lint_finds_what_validate_lets_pass()
    {
        string file = _folder.Write("p.yaml", TempFolder.Billing.Replace("tool_name in ['Orders.Find']", "tool_name == 'a' and tool_name == 'b'", StringComparison.Ordinal));

        CliRun validate = await CliRun.Of("policy", "validate", file);
        CliRun lint = await CliRun.Of("policy", "lint", file);

        Assert.Equal(string.Empty, validate.Errors);
        Assert.Contains("p.yaml:9:", lint.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_warning_fails_only_a_strict_lint()
    {
        string file = _folder.Write("p.yaml", TempFolder.Billing.Replace("agents: [\"*\"]\n", string.Empty, StringComparison.Ordinal));

        CliRun mild = await CliRun.Of("policy", "lint", file);
        CliRun strict = await CliRun.Of("policy", "lint", file, "--strict");

        Assert.Contains("warning AGTP", mild.Errors, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Success, ExitCode.Findings), (mild.Code, strict.Code));
    }

    [Fact]
    [Requirement("POL-017")]
    public async Task Scenarios_run_through_the_engine()
    {
        string scenarios = _folder.Write("s.yaml", """
            scenarios:
              - name: reads
                context: { tool_name: Orders.Find, agent_id: clerk }
                expected_action: allow
                expected_allowed: true
              - name: spends much
                context: { tool_name: Refunds.Issue, amount: 900 }
                expected_action: require_approval
                expected_allowed: false
              - name: is wrong
                context: { tool_name: Shell.Run }
                expected_allowed: true
            """);

        CliRun run = await CliRun.Of("policy", "test", "-p", _folder.Policy(), scenarios, "--junit", _folder["out.xml"]);

        Assert.Equal(ExitCode.Findings, run.Code);
        Assert.Equal("2/3 scenarios passed", run.Lines[^1]);
        XElement suite = XElement.Load(_folder["out.xml"]).Element("testsuite")!;
        Assert.Equal(("3", "1"), ((string?)suite.Attribute("tests"), (string?)suite.Attribute("failures")));
        Assert.Equal("is wrong", (string?)suite.Elements("testcase").Single(test => test.Element("failure") is not null).Attribute("name"));
    }

    [Fact]
    [Requirement("POL-017")]
    public async Task Scenarios_that_all_pass_exit_with_zero_and_each_starts_with_unused_limits()
    {
        string one = "  - { context: { tool_name: Refunds.Issue, amount: 1 }, expected_allowed: true }\n";
        string scenarios = _folder.Write("s.yaml", "scenarios:\n" + string.Concat(Enumerable.Repeat(one, 5)));

        CliRun alone = await CliRun.Of("policy", "test", "-p", _folder.Policy(), scenarios);
        CliRun shared = await CliRun.Of("policy", "test", "-p", _folder.Policy(), scenarios, "--keep-rate-limits");

        Assert.Equal((ExitCode.Success, "5/5 scenarios passed"), (alone.Code, alone.Lines[^1]));
        Assert.Equal((ExitCode.Findings, "3/5 scenarios passed"), (shared.Code, shared.Lines[^1]));
    }

    [Theory]
    [InlineData("scenarios: []")]
    [InlineData("scenarios:\n  - context: { tool: x }")]
    [InlineData("scenarios:\n  - expected_allowed: true")]
    [InlineData("scenarios:\n  - { context: { tool: x }, expected_action: alow }")]
    [InlineData("scenarios:\n  - { context: { tool: x }, expect_allowed: true }")]
    [InlineData("scenarios: [")]
    [Requirement("POL-017")]
    public async Task A_scenario_file_that_proves_nothing_is_refused(string text)
    {
        CliRun run = await CliRun.Of("policy", "test", "-p", _folder.Policy(), _folder.Write("s.yaml", text));

        Assert.Equal(ExitCode.Unreadable, run.Code);
        Assert.Contains("s.yaml:", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-016")]
    public async Task Diff_names_rules_keys_defaults_and_fields()
    {
        string before = _folder.Policy();
        string after = _folder.Write("after.yaml", TempFolder.Billing
            .Replace("default_action: deny", "default_action: allow", StringComparison.Ordinal)
            .Replace("max_tool_calls: 50", "max_tool_calls: 60", StringComparison.Ordinal)
            .Replace("limit: 3/hour", "limit: 30/hour", StringComparison.Ordinal)
            .Replace("name: mail\n", "name: post\n", StringComparison.Ordinal));

        CliRun run = await CliRun.Of("policy", "diff", before, after, "--json");

        Assert.Equal(ExitCode.Findings, run.Code);
        Assert.Equal(
            ["default changed default_action", "field changed limits", "rule changed not-too-often.limit", "rule removed mail", "rule added post"],
            JsonDocument.Parse(run.Output).RootElement.GetProperty("differences").EnumerateArray()
                .Select(d => $"{d.GetProperty("kind")} {d.GetProperty("change")} {d.GetProperty("name")}"));
    }

    [Fact]
    [Requirement("POL-016")]
    public async Task Layout_and_comments_are_no_difference_and_a_missing_file_is_an_error()
    {
        string before = _folder.Policy();
        string after = _folder.Write("after.yaml", TempFolder.Billing.Replace("# enough for a morning", "# never mind", StringComparison.Ordinal).Replace("[\"*\"]", "\n  - '*'", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Success, (await CliRun.Of("policy", "diff", before, after)).Code);
        Assert.Equal(ExitCode.Unreadable, (await CliRun.Of("policy", "diff", before, _folder["none.yaml"])).Code);
    }

    [Theory]
    [InlineData("apiVersion: governance.toolkit/v1\n", "version: \"1.0\"\n")]
    [InlineData("apiVersion: governance.toolkit/v1\n", "apiVersion: 1.0\n")]
    [InlineData("apiVersion: governance.toolkit/v1\n", "apiVersion: '1.0'\nversion: 1.0\n")]
    [InlineData("apiVersion: governance.toolkit/v1\n# since spring\n", "version: 1.0  # since spring\n")]
    [Requirement("POL-009")]
    public async Task Migrate_puts_apiVersion_in_place_of_version_and_keeps_comments(string current, string old)
    {
        string rest = TempFolder.Billing.Replace("apiVersion: governance.toolkit/v1\n", "{0}", StringComparison.Ordinal);
        string file = _folder.Write("old.yaml", rest.Replace("{0}", old, StringComparison.Ordinal));

        CliRun run = await CliRun.Of("policy", "migrate", file);

        Assert.Equal((ExitCode.Success, rest.Replace("{0}", current, StringComparison.Ordinal)), (run.Code, run.Output));
    }

    [Fact]
    [Requirement("POL-009")]
    public async Task A_current_file_is_unchanged_also_when_it_is_written()
    {
        string file = _folder.Write("p.yaml", TempFolder.Billing.Replace("name: billing", "name: billing\nversion: \"2.3\"", StringComparison.Ordinal));
        string text = File.ReadAllText(file);

        Assert.Equal(text, (await CliRun.Of("policy", "migrate", file)).Output);
        Assert.Equal(ExitCode.Success, (await CliRun.Of("policy", "migrate", file, "--write")).Code);
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    [Requirement("POL-009")]
    public async Task What_would_not_load_is_not_written()
    {
        string file = _folder.Write("old.yaml", "version: 1.0\nname: x\ndefaults: { action: allow }\nrules: []\n");
        string text = File.ReadAllText(file);

        CliRun run = await CliRun.Of("policy", "migrate", file, "--write");

        Assert.Equal(ExitCode.Findings, run.Code);
        Assert.Contains("nothing is written", run.Errors, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    public async Task Fmt_cleans_layout_and_keeps_comments_and_texts()
    {
        string file = _folder.Write("p.yaml", "\n\napiVersion: governance.toolkit/v1  \r\nname: x   # why \r\n\r\n\r\n\r\nagents: ['*']\ndescription: |\n  two  \n\n\n  three\nrules: []\n\n\n");

        Assert.Equal(ExitCode.Findings, (await CliRun.Of("policy", "fmt", "--check", file)).Code);
        Assert.Equal(ExitCode.Success, (await CliRun.Of("policy", "fmt", file)).Code);
        Assert.Equal("apiVersion: governance.toolkit/v1\nname: x   # why\n\nagents: ['*']\ndescription: |\n  two  \n\n\n  three\nrules: []\n", File.ReadAllText(file));
        Assert.Equal(ExitCode.Success, (await CliRun.Of("policy", "fmt", "--check", file)).Code);
    }

    [Theory]
    [InlineData("policy", "eval", "--help")]
    [InlineData("policy", "diff", "-h")]
    public async Task Help_names_the_tool_and_gives_examples(params string[] arguments)
    {
        CliRun run = await CliRun.Of(arguments);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains($"agt policy {arguments[1]} ", run.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("polcy")]
    [InlineData("policy", "eval", "-p", "x")]
    [InlineData("policy", "lint", "x", "--json", "--sarif")]
    public async Task A_wrong_command_line_has_an_exit_code_of_its_own(params string[] arguments) => Assert.Equal(ExitCode.Usage, (await CliRun.Of(arguments)).Code);

    [Fact]
    public void Text_from_files_cannot_steer_a_terminal() => Assert.Equal("a\\u001b[[2J\\u202eb[[x]]", CliHost.Shown("a\u001b[2J\u202eb[x]"));
}
