using System.Text;

namespace Agt.Policy.Tests.Loading;

public sealed class PolicyLoaderTests
{
    private const string Head = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\n";

    [Fact]
    [Requirement("POL-007", "POL-210")]
    [Requirement("POL-006")]
    public void A_document_is_read_with_its_defaults()
    {
        PolicyDocument document = Load("""
            apiVersion: governance.toolkit/v1
            name: support
            agents: [support-1, "did:mesh:ab12"]
            limits: { max_tool_calls: 20, timeout_seconds: 60 }
            rules:
              - name: no-shell
                condition: tool_name == 'shell'
              - name: slow
                condition: "true"
                action: rate_limit
                limit: 100/hour
                limit_key: session
                priority: 5
              - name: hide
                stage: [post_tool, post_model]
                conditions:
                  - output contains 'secret'
                  - field: user
                    operator: ne
                    value: root
                action: redact
                transforms:
                  - path: output
                    pattern: secret\w*
            """);

        Assert.Equal("1.0", document.Version);
        Assert.False(document.DefaultAllows);
        Assert.Equal(20, document.Limits!.MaxToolCalls);
        Assert.Equal(TimeSpan.FromSeconds(60), document.Limits.Duration);
        Assert.Equal(3, document.RuleCount);
        Assert.Equal(RuleEffect.Deny, document.Rules[0].Effect);
        Assert.Equal([InterventionPoint.PreToolCall], document.Rules[0].Points);
        Assert.Equal(TimeSpan.FromHours(1), document.Rules[1].Limit!.Value.Window);
        Assert.Equal([InterventionPoint.PostToolCall, InterventionPoint.PostModelCall], document.Rules[2].Points);
        Assert.True(document.AppliesTo("did:mesh:ab12"));
        Assert.False(document.AppliesTo("other"));
    }

    [Fact]
    [Requirement("POL-001")]
    public void Json_reads_as_yaml_does()
    {
        PolicyDocument document = Load("""
            { "apiVersion": "governance.toolkit/v1", "name": "j", "agent": "*", "default_action": "allow",
              "rules": [ { "name": "a", "condition": "args.amount > 10", "action": "deny" } ] }
            """);

        Assert.True(document.DefaultAllows);
        Assert.Equal(1, document.RuleCount);
    }

    [Theory]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    actoin: allow\n", 7, 5, "AGTP030", "Did you mean 'action'?")]
    [InlineData("default_acton: allow\n", 4, 1, "AGTP030", "Did you mean 'default_action'?")]
    [InlineData("default_action: maybe\n", 4, 17, "AGTP038", "Write allow or deny.")]
    [InlineData("rules:\n  - name: r\n    condition: tool_name = 'x'\n", 6, 26, "AGTP100", "Compare with ==.")]
    [InlineData("rules:\n  - name: r\n    condition: \"tool_name == 'x' x\"\n", 6, 34, "AGTP103", "Join tests")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: alow\n", 7, 13, "AGTP040", "Did you mean 'allow'?")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: 5\n", 7, 13, "AGTP040", "Actions:")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    priority: high\n", 7, 15, "AGTP031", "a whole number")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    stage: pre_tol\n", 7, 12, "AGTP041", "Did you mean 'pre_tool'?")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: rate_limit\n    limit: 5/fortnight\n", 8, 12, "AGTP042", "units are second, minute, hour, day")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: redact\n", 5, 5, "AGTP043", "Add transforms")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: redact\n    transforms: [{path: output}]\n", 8, 25, "AGTP044", "post_tool")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: redact\n    transforms: [{path: tool.name}]\n", 8, 25, "AGTP044", "args.email")]
    [InlineData("rules:\n  - name: r\n    condition: args.x matches '('\n", 6, 31, "AGTP120", "regular expression")]
    [InlineData("rules:\n  - name: r\n    condition: args.x matches '(?<=a)b'\n", 6, 31, "AGTP121", "Rewrite it")]
    [InlineData("rules:\n  - name: r\n    condition: {field: args.x, operator: equals, value: 1}\n", 6, 42, "AGTP036", "Operators:")]
    [InlineData("rules:\n  - name: r\n    condition: {field: args.x, operator: gt}\n", 6, 16, "AGTP034", "Add value.")]
    [InlineData("rules:\n  - name: r\n    condition: {feild: args.x, operator: gt, value: 1}\n", 6, 24, "AGTP030", "Did you mean 'field'?")]
    [InlineData("rules:\n  - name: r\n", 5, 5, "AGTP034", "Add condition")]
    [InlineData("rules:\n  - condition: \"true\"\n", 5, 5, "AGTP034", "Add name.")]
    [InlineData("rules: 5\n", 4, 8, "AGTP031", "a list")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n  - name: r\n    condition: \"false\"\n", 7, 5, "AGTP039", "name of its own")]
    [InlineData("name: again\n", 4, 1, "AGTP017", "Keep one of them.")]
    [InlineData("scope: galaxy\n", 4, 8, "AGTP038", "organization")]
    [InlineData("extends: base.yaml\n", 4, 10, "AGTP050", "file")]
    [InlineData("tool_allowlist: []\n", 4, 17, "AGTP028", "name a tool")]
    [InlineData("rules:\n  - name: r\n    condition: ToolName == 'x'\n", 6, 16, "AGTP131", "Did you mean 'tool_name'?")]
    [InlineData("x: !custom 5\n", 4, 4, "AGTP014", "begins with !")]
    [InlineData("limits: {max_tool_calls: -1}\n", 4, 26, "AGTP033", "in that range")]
    [InlineData("rules: [\n", 5, 1, "AGTP010", "brackets")]
    [InlineData("---\nname: second\n", 4, 1, "AGTP012", "file of its own")]
    [Requirement("POL-018", "POL-X26", "POL-X30")]
    [Requirement("POL-013")]
    public void A_mistake_is_reported_with_its_line_and_the_way_out(string rest, int line, int column, string code, string fix)
    {
        PolicyLoadResult result = PolicyLoader.LoadText(Head + rest, "support.yaml");

        Assert.Empty(result.Documents);
        PolicyDiagnostic error = result.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error);
        Assert.Equal((code, line, column), (error.Code, error.Position.Line, error.Position.Column));
        Assert.Contains(fix, error.Message + " " + error.Fix, StringComparison.Ordinal);
        string text = Assert.Throws<PolicyLoadException>(() => result.GetDocuments()).Message;
        Assert.Contains($"support.yaml({line},{column}): error {code}: ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apiVersion: governance.toolkit/v9\nname: x\n", "AGTP023", "Supported: governance.toolkit/v1.")]
    [InlineData("name: x\nthresholds: {}\n", "AGTP022", "apiVersion")]
    [InlineData("agent_control_specification_version: 0.3.1-beta\n", "AGTP021", "Agent Control Specification")]
    [InlineData("- a\n", "AGTP020", "Write a map")]
    [InlineData("", "AGTP011", "empty")]
    [InlineData("# only a comment\n", "AGTP011", "empty")]
    [InlineData("{", "AGTP010", "JSON")]
    [Requirement("POL-008")]
    public void What_is_no_policy_is_refused(string text, string code, string message)
    {
        PolicyDiagnostic error = Assert.Single(PolicyLoader.LoadText(text).Diagnostics);

        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message + " " + error.Fix, StringComparison.Ordinal);
        Assert.True(error.Position.Line >= 1);
    }

    [Fact]
    [Requirement("POL-013")]
    public void All_mistakes_are_reported_at_once()
    {
        PolicyLoadResult result = PolicyLoader.LoadText(Head + "rules:\n  - name: a\n    condition: x =\n    action: nope\n  - name: b\n    condition: y ==\n");

        Assert.Equal(["AGTP100", "AGTP040", "AGTP103"], result.Diagnostics.Select(d => d.Code));
    }

    [Fact]
    [Requirement("POL-018")]
    public void A_bomb_of_aliases_is_refused_before_it_goes_off()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 40; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat("*a" + (i - 1), 9))}]\n");
        }

        PolicyDiagnostic error = Assert.Single(PolicyLoader.LoadText(bomb.ToString()).Diagnostics);

        Assert.Equal("AGTP019", error.Code);
    }

    [Fact]
    [Requirement("POL-018")]
    public void Too_deep_and_too_large_files_are_refused()
    {
        Assert.Equal("AGTP013", Assert.Single(PolicyLoader.LoadText(Head + "x-a: " + new string('[', 70) + new string(']', 70)).Diagnostics).Code);
        Assert.Equal("AGTP013", Assert.Single(PolicyLoader.LoadText("{\"a\":" + new string('[', 100_000), "p.json").Diagnostics).Code);
        Assert.Equal("AGTP013", Assert.Single(PolicyLoader.LoadText(new string('[', 100_000)).Diagnostics).Code);
        PolicyDiagnostic large = Assert.Single(PolicyLoader.LoadText(new string('#', 10_000_000), "big.yaml").Diagnostics);
        Assert.Equal("big.yaml(0,0): error AGTP005: The file has 10000000 bytes; at most 1048576 are read. Split it, or raise PolicyLoadOptions.MaxBytes.", large.ToString());
    }

    [Fact]
    [Requirement("POL-018")]
    public void Plain_no_and_off_are_text_and_bytes_are_utf_8()
    {
        PolicyLoadResult norway = PolicyLoader.LoadText(Head + "rules:\n  - name: r\n    condition: {field: args.country, operator: eq, value: no}\n");
        Assert.True(norway.IsSuccess);

        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".yaml");
        File.WriteAllBytes(path, [.. "a: 1\nb: \""u8, 0xC3, 0x28, .. "\"\n"u8]);
        PolicyDiagnostic error = Assert.Single(PolicyLoader.Load(path).Diagnostics);
        File.Delete(path);
        Assert.Equal(("AGTP006", new SourcePosition(2, 5)), (error.Code, error.Position));
    }

    [Fact]
    public void A_missing_file_and_an_empty_directory_are_errors()
    {
        PolicyDiagnostic missing = Assert.Single(PolicyLoader.Load("no/such/policy.yaml").Diagnostics);
        Assert.Equal("no/such/policy.yaml(0,0): error AGTP001: There is no such file or directory. Check the path; it is relative to the current directory of the process.", missing.ToString());

        DirectoryInfo empty = Directory.CreateTempSubdirectory();
        Assert.Equal("AGTP003", Assert.Single(PolicyLoader.Load(empty.FullName).Diagnostics).Code);
        empty.Delete();
    }

    [Fact]
    [Requirement("POL-014")]
    public void A_directory_is_read_yaml_before_yml_by_ordinal_name_and_not_below()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory();
        Write("b.yaml", "B");
        Write("a.yml", "a");
        Write("B.yaml", "upper");
        Write("c.json", "ignored");
        Directory.CreateDirectory(Path.Combine(root.FullName, "below"));
        Write("below/d.yaml", "below");

        PolicyLoadResult result = PolicyLoader.Load(root.FullName);
        Write("z.yaml", "upper");
        PolicyLoadResult repeated = PolicyLoader.Load(root.FullName);
        root.Delete(recursive: true);

        Assert.Equal(["upper", "B", "a"], result.Documents.Select(d => d.Name));
        Assert.Equal("AGTP027", Assert.Single(repeated.Diagnostics).Code);

        void Write(string name, string policy) =>
            File.WriteAllText(Path.Combine(root.FullName, name), $"apiVersion: governance.toolkit/v1\nname: {policy}\nagent: '*'\n");
    }

    [Fact]
    [Requirement("POL-X29")]
    public void What_works_but_may_not_be_meant_is_a_warning()
    {
        PolicyLoadResult result = PolicyLoader.LoadText("apiVersion: governance.toolkit/v1\nname: p\nnetwork_allowlist: [a]\n");

        Assert.True(result.IsSuccess);
        Assert.Equal(["AGTP025", "AGTP026"], result.Diagnostics.Select(d => d.Code));
    }

    private static PolicyDocument Load(string text) => Assert.Single(PolicyLoader.LoadText(text).GetDocuments());
}
