using CsCheck;

namespace Agt.Policy.Tests.Loading;

/// <summary>Documents that extend others.</summary>
public sealed class ExtendsTests : IDisposable
{
    private const string Head = "apiVersion: governance.toolkit/v1\nagents: ['*']\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("agt-extends").FullName;

    [Fact]
    [Requirement("POL-118", "POL-006")]
    public void Rules_of_parents_come_in_order_before_those_of_the_child()
    {
        Write("a.yaml", "a", Rule("one", "1", "warn") + Rule("two", "2", "warn"));
        Write("sub/b.yaml", "b", Rule("two", "3", "warn") + Rule("three", "3", "warn"));
        Write("child.yaml", "child", Rule("four", "4", "allow") + Rule("one", "5", "audit"), "[a.yaml, sub/b.yaml]");
        PolicyDocument child = Load("child.yaml");
        Assert.Equal(["one", "two", "three", "four"], child.Rules.Select(rule => rule.Name));
        Assert.Equal(RuleEffect.Audit, child.Rules[0].Effect);
        Assert.NotEqual(Load("a.yaml").Digest, child.Digest);
    }

    [Theory]
    [Requirement("POL-118")]
    [InlineData("missing.yaml", "AGTP050", "child.yaml -> missing.yaml")]
    [InlineData("../outside.yaml", "AGTP051", "outside")]
    [InlineData("loop.yaml", "AGTP052", "child.yaml -> loop.yaml -> child.yaml")]
    [InlineData("child.yaml", "AGTP052", "child.yaml -> child.yaml")]
    [InlineData("link.yaml", "AGTP051", "outside")]
    [InlineData("broken.yaml", "AGTP030", "rulez")]
    public void What_is_missing_outside_circular_or_broken_is_refused_with_the_way_there(string parent, string code, string said)
    {
        File.WriteAllText(Path.Combine(_folder, "outside.yaml"), Head + "name: o\n");
        _root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
        Write("loop.yaml", "loop", string.Empty, "child.yaml");
        File.WriteAllText(Path.Combine(_root, "broken.yaml"), Head + "name: b\nrulez: []\n");
        File.CreateSymbolicLink(Path.Combine(_root, "link.yaml"), Path.Combine(_folder, "outside.yaml"));
        Write("child.yaml", "child", string.Empty, parent);
        PolicyLoadResult result = PolicyLoader.Load(Path.Combine(_root, "child.yaml"));
        Assert.Empty(result.Documents);
        PolicyDiagnostic finding = Assert.Single(result.Diagnostics, finding => finding.Code == code);
        Assert.Contains(said, finding.Message + finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-119", "POL-X06")]
    public void A_child_rule_named_like_a_parents_denial_is_dropped_unless_it_denies()
    {
        Write("base.yaml", "base", Rule("sealed", "1", "deny"));
        foreach (string effect in new[] { "allow", "warn", "audit", "require_approval" })
        {
            Write("child.yaml", "child", Rule("sealed", "2", effect), "base.yaml");
            PolicyLoadResult result = PolicyLoader.Load(Path.Combine(_root ?? _folder, "child.yaml"));
            Assert.Equal(RuleEffect.Deny, Assert.Single(Assert.Single(result.Documents).Rules).Effect);
            Assert.Equal("AGTP054", Assert.Single(result.Diagnostics).Code);
        }

        Write("child.yaml", "child", Rule("sealed", "2", "deny"), "base.yaml");
        Assert.Equal(2, Load("child.yaml").RuleCount);
    }

    [Fact]
    [Requirement("POL-116", "POL-119", "POL-X06")]
    public void Whatever_a_child_says_a_denial_of_its_parent_holds()
    {
        Write("base.yaml", "base", Rule("sealed", "7", "deny"));
        var rule = Gen.Select(Gen.OneOf("sealed", "other", "more", "Sealed"), Gen.OneOf("args.n == 7", "true", "args.n > 0", "not (args.n == 8)"), Gen.OneOf("allow", "warn", "audit", "require_approval", "deny"), Gen.Int[-5, 2_000_000_000], Gen.Bool);
        rule.Array[0, 6].Sample(
            rules =>
            {
                string text = string.Concat(rules.DistinctBy(r => r.Item1).Select(r => $"  - {{name: {r.Item1}, condition: '{r.Item2}', action: {r.Item3}, priority: {r.Item4}, enabled: {(r.Item5 ? "true" : "false")}}}\n"));
                Write("child.yaml", "child", text, "base.yaml", "default_action: allow\nscope: agent\n");
                CompiledPolicySet set = PolicySet.Compile([Load("child.yaml")]);
                var input = new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests"), Agt.Values.GovernedValue.FromJson("{\"n\":7}"));
                Assert.Equal(VerdictOutcome.Deny, set.Evaluate(in input).Outcome);
            },
            iter: 300, threads: 1);
    }

    [Fact]
    [Requirement("POL-118")]
    public void Lists_of_tools_and_limits_only_narrow()
    {
        File.WriteAllText(Path.Combine(_folder, "base.yaml"), Head + "name: b\ntool_allowlist: [a, b]\nlimits: {max_tool_calls: 5}\n");
        File.WriteAllText(Path.Combine(_folder, "child.yaml"), Head + "name: c\nextends: base.yaml\ntool_allowlist: [b, c]\nlimits: {max_tool_calls: 50, max_tokens: 9}\n");
        PolicyDocument child = Load("child.yaml");
        Assert.Equal(["b"], child.ToolAllowlist!);
        Assert.Equal((5, 9L), (child.Limits!.MaxToolCalls, child.Limits.MaxTokens));
        File.WriteAllText(Path.Combine(_folder, "child.yaml"), Head + "name: c\nextends: base.yaml\ntool_allowlist: [c]\ndefault_action: allow\n");
        var input = new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("c"), "tests"), default);
        Assert.Equal(ReasonCodes.ToolNotAllowed, PolicySet.Compile([Load("child.yaml")]).Evaluate(in input).Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-118")]
    public void A_chain_that_is_too_long_is_refused()
    {
        for (int i = 0; i < 40; i++)
        {
            Write($"p{i}.yaml", $"p{i}", string.Empty, $"p{i + 1}.yaml");
        }

        Write("p40.yaml", "p40", string.Empty);
        Assert.Contains(PolicyLoader.Load(Path.Combine(_folder, "p0.yaml")).Diagnostics, finding => finding.Code == "AGTP053");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string? _root;

    private static string Rule(string name, string number, string effect) => $"  - {{name: {name}, condition: 'args.n == {number}', action: {effect}}}\n";

    private void Write(string file, string name, string rules, string? extends = null, string more = "")
    {
        string path = Path.Combine(_root ?? _folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"{Head}name: {name}\n{(extends is null ? "" : $"extends: {extends}\n")}{more}{(rules.Length == 0 ? "" : "rules:\n" + rules)}");
    }

    private PolicyDocument Load(string file)
    {
        PolicyLoadResult result = PolicyLoader.Load(Path.Combine(_root ?? _folder, file));
        Assert.True(result.IsSuccess, string.Join('\n', result.Diagnostics));
        return Assert.Single(result.Documents);
    }
}
