using Agt.Values;

namespace Agt.Policy.Tests.Loading;

/// <summary>Documents of Agent OS.</summary>
public sealed class AgentOsDocumentTests
{
    private const string Deny = "name: p\ndefaults: {action: deny}\nrules:\n";

    [Fact]
    [Requirement("POL-003", "POL-094")]
    public void An_empty_document_loads_denies_and_says_so()
    {
        PolicyLoadResult result = PolicyLoader.LoadText("{}");
        PolicyDocument document = Assert.Single(result.Documents);
        Assert.Equal(("unnamed", "1.0", PolicyDocumentKind.AgentOs, true, false), (document.Name, document.Version, document.Kind, document.Inherits, document.DefaultAllows));
        Assert.Null(document.PathScope);
        Assert.Equal("AGTP049", Assert.Single(result.Diagnostics).Code);
        Assert.True(Assert.Single(PolicyLoader.LoadText("{}", options: new PolicyLoadOptions { Profile = PolicyProfile.AgentOs10 }).Documents).DefaultAllows);
    }

    [Theory]
    [Requirement("POL-004", "POL-X25")]
    [InlineData("{action: deny, max_tool_calls: 5, max_tokens: 100}", 5, 100L)]
    [InlineData("{action: deny, max_tool_calls: 0}", 0, null)]
    [InlineData("{action: deny, max_cpu: 2, max_memory_mb: 512, timeout_seconds: 3, network_default: deny}", null, null)]
    public void The_limits_that_are_written_bind_and_those_of_the_sandbox_do_not(string defaults, int? calls, long? tokens)
    {
        PolicyDocument document = Assert.Single(PolicyLoader.LoadText($"name: p\ndefaults: {defaults}\n").Documents);
        Assert.Equal((calls, tokens), (document.Limits?.MaxToolCalls, document.Limits?.MaxTokens));
        Assert.Null(document.Limits?.Duration);
        Assert.Equal(0, document.RuleCount);
    }

    [Theory]
    [Requirement("POL-004", "POL-X25")]
    [InlineData("{\"confidence\":0.79}", VerdictOutcome.Deny)]
    [InlineData("{\"confidence\":0.8}", VerdictOutcome.Allow)]
    [InlineData("{}", VerdictOutcome.Allow)]
    [InlineData("{\"confidence\":\"high\"}", VerdictOutcome.Deny)]
    public void A_confidence_below_the_threshold_is_denied(string arguments, VerdictOutcome outcome) =>
        Assert.Equal(outcome, Decide("name: p\ndefaults: {action: allow, confidence_threshold: 0.8}\n", arguments).Outcome);

    [Theory]
    [Requirement("POL-005", "POL-070", "POL-X26", "POL-X30")]
    [InlineData("  - {name: r, condition: {field: a, operator: eq, value: 1}}\n", "AGTP034")]
    [InlineData("  - {condition: {field: a, operator: eq, value: 1}, action: deny}\n", "AGTP034")]
    [InlineData("  - {name: r, action: deny}\n", "AGTP034")]
    [InlineData("  - {name: r, condition: 'a == 1', action: explode}\n", "AGTP040")]
    [InlineData("  - {name: r, condition: 'a == 1', actoin: deny}\n", "AGTP030")]
    [InlineData("  - {name: r, condition: 'a == 1', action: rate_limit, limit: 5/fortnight}\n", "AGTP042")]
    public void A_rule_that_lacks_what_it_needs_is_refused(string rule, string code) => Assert.Contains(PolicyLoader.LoadText(Deny + rule).Diagnostics, finding => finding.Code == code);

    [Theory]
    [Requirement("POL-002", "POL-X02")]
    [InlineData("condition: {field: tool_name, operator: in, value: [a, b]}")]
    [InlineData("condition: \"tool_name in ['a', 'b']\"")]
    [InlineData("conditions: [\"tool_name in ['a', 'b', 'c']\", {field: tool_name, operator: ne, value: c}]")]
    public void Both_forms_of_conditions_mean_the_same_in_both_kinds_of_documents(string condition)
    {
        foreach (string head in new[] { "name: p\ndefaults: {action: deny}\nrules:\n", "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n" })
        {
            string text = $"{head}  - name: r\n    {condition}\n    action: allow\n";
            Assert.Equal(VerdictOutcome.Allow, Decide(text, "{}", "a").Outcome);
            Assert.Equal(VerdictOutcome.Deny, Decide(text, "{}", "c").Outcome);
        }
    }

    [Theory]
    [Requirement("POL-070")]
    [InlineData("allow", VerdictOutcome.Allow)]
    [InlineData("deny", VerdictOutcome.Deny)]
    [InlineData("block", VerdictOutcome.Deny)]
    [InlineData("audit", VerdictOutcome.Allow)]
    [InlineData("log", VerdictOutcome.Allow)]
    [InlineData("warn", VerdictOutcome.Warn)]
    [InlineData("require_approval", VerdictOutcome.Escalate)]
    [InlineData("escalate", VerdictOutcome.Escalate)]
    public void Every_effect_and_its_synonym(string action, VerdictOutcome outcome) =>
        Assert.Equal(outcome, Decide(Deny + $"  - {{name: r, condition: 'true', action: {action}, message: told}}\n", "{}").Outcome);

    [Fact]
    [Requirement("POL-074", "POL-075", "POL-076")]
    public void The_message_is_what_users_see_and_the_category_what_machines_do()
    {
        Verdict verdict = Decide(Deny + "  - {name: secret-rule, condition: \"args.x matches 'top-secret'\", action: deny, message: Not today.}\n", "{\"x\":\"top-secret\"}");
        Assert.Equal(("Not today.", DenialCategory.RuleDenied), (verdict.Detail!.PublicMessage, verdict.Detail.Reason.Category));
        Verdict plain = Decide(Deny + "  - {name: secret-rule, condition: \"true\", action: deny}\n", "{}");
        Assert.Equal("Matched rule 'secret-rule'", plain.Detail!.Explanation);
        Assert.Null(plain.Detail.PublicMessage);
        Assert.Equal("No rules matched; default action applied", Decide(Deny, "{}").Detail!.Explanation);
    }

    [Theory]
    [Requirement("POL-039")]
    [InlineData("{\"agent\":{\"namespace\":\"core\"}}", true)]
    [InlineData("{\"agent\":{\"namespace\":\"other\"}}", false)]
    [InlineData("{}", false)]
    public void Facts_of_the_agent_come_from_the_host_and_never_from_arguments(string facets, bool allowed)
    {
        CompiledPolicySet set = Compile(Deny + "  - {name: r, condition: {field: agent.namespace, operator: eq, value: core}, action: allow}\n");
        var input = new PolicyInput(Template("t"), GovernedValue.FromJson("{\"agent\":{\"namespace\":\"core\"},\"namespace\":\"core\"}")) { Facets = GovernedValue.FromJson(facets) };
        Assert.Equal(allowed, set.Evaluate(in input).Outcome == VerdictOutcome.Allow);
    }

    [Fact]
    [Requirement("POL-038")]
    public void Types_that_do_not_go_together_deny_and_throw_nothing() =>
        Assert.Equal(ReasonCodes.PolicyEvaluationError, Decide("name: p\ndefaults: {action: allow}\nrules:\n  - {name: r, condition: {field: n, operator: gt, value: x}, action: allow}\n", "{\"n\":5}").Detail!.Reason);

    [Theory]
    [Requirement("POL-042")]
    [InlineData("{\"v\":5}", "^5$")]
    [InlineData("{\"v\":1.0}", "^1\\.0$")]
    [InlineData("{\"v\":true}", "^true$")]
    [InlineData("{\"v\":{\"b\":1,\"a\":[null,\"x\"]}}", "^\\{\"a\":\\[null,\"x\"\\],\"b\":1\\}$")]
    public void Values_become_text_for_a_pattern_as_compact_sorted_json(string arguments, string pattern) =>
        Assert.Equal(VerdictOutcome.Allow, Decide($"name: p\ndefaults: {{action: deny}}\nrules:\n  - name: r\n    condition: {{field: v, operator: matches, value: '{pattern}'}}\n    action: allow\n", arguments).Outcome);

    [Fact]
    public void Texts_that_go_in_and_come_out_are_read_where_they_come_by()
    {
        CompiledPolicySet set = Compile("name: p\ndefaults: {action: allow}\nrules:\n  - {name: in, condition: \"user_input contains 'bad'\", action: deny}\n  - {name: out, condition: \"tool_response contains 'bad'\", action: deny}\n");
        var said = new PolicyInput(new ActionTemplate(InterventionPoint.Input, "input", new Principal(AgentId.Anonymous), null, "tests"), GovernedValue.From("a bad idea"));
        Assert.Equal("in", set.Evaluate(in said).Detail!.Rule);
        var returned = new PolicyInput(Template("t"), default) { Point = InterventionPoint.PostToolCall, Output = GovernedValue.From("bad") };
        Assert.Equal("out", set.Evaluate(in returned).Detail!.Rule);
        var context = new PolicyInput(Template("t"), GovernedValue.FromJson("{\"user_input\":\"bad\"}"));
        Assert.Equal("in", set.Evaluate(in context).Detail!.Rule);
    }

    [Fact]
    [Requirement("POL-008")]
    public void Version_one_loads_with_a_deprecation()
    {
        PolicyLoadResult result = PolicyLoader.LoadText("apiVersion: '1.0'\nname: p\nagents: ['*']\n");
        Assert.Single(result.Documents);
        Assert.Equal("AGTP029", Assert.Single(result.Diagnostics).Code);
    }

    private static ActionTemplate Template(string tool) => new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity(tool), "tests");

    private static CompiledPolicySet Compile(string text)
    {
        PolicyLoadResult result = PolicyLoader.LoadText(text);
        Assert.True(result.IsSuccess, string.Join('\n', result.Diagnostics));
        return PolicySet.Compile(result.Documents);
    }

    private static Verdict Decide(string text, string arguments, string tool = "t")
    {
        var input = new PolicyInput(Template(tool), GovernedValue.FromJson(arguments));
        return Compile(text).Evaluate(in input);
    }
}
