using Agt.Policy.Limits;
using Agt.Policy.Tests.Evaluation;
using CsCheck;

namespace Agt.Policy.Tests.Limits;

/// <summary>Limits as rules of a policy file, and back.</summary>
public sealed class GovernancePolicyRulesTests
{
    private static readonly GovernancePolicy Example = new()
    {
        Name = "desk",
        Version = "2.1.0",
        MaxToolCalls = 3,
        AllowedTools = ["mail.send", "files.read"],
        BlockedPatterns = ["pass\"word", new("drop\\s+table", BlockedPatternKind.Regex), new("*.exe", BlockedPatternKind.Glob)],
        ConfidenceThreshold = 0.5,
        DriftThreshold = 0.3,
    };

    [Fact]
    [Requirement("POL-160")]
    public void The_rules_stand_in_the_order_of_the_specification()
    {
        PolicyLoadResult result = PolicyLoader.LoadText((Example with { RequireHumanApproval = true }).ToPolicyText());
        Assert.Empty(result.Diagnostics);
        PolicyDocument document = Assert.Single(result.Documents);
        Assert.Equal(PolicyDocumentKind.AgentOs, document.Kind);
        Assert.Equal(
            [("max_tokens", 100), ("max_tool_calls", 99), ("allowed_tools", 98), ("blocked_pattern_1", 97), ("blocked_pattern_2", 96), ("blocked_pattern_3", 95), ("confidence_threshold", 94), ("require_human_approval", 93)],
            document.Rules.Select(rule => (rule.Name, rule.Priority)));
    }

    [Fact]
    [Requirement("POL-160")]
    public void Going_there_and_back_gives_an_equal_policy()
    {
        GovernancePolicyTests.AnyPolicy.Sample(policy =>
        {
            string text = policy.ToPolicyText();
            PolicyLoadResult loaded = PolicyLoader.LoadText(text);
            Assert.True(loaded.IsSuccess, string.Join('\n', loaded.Diagnostics));
            Assert.Equal(policy, GovernancePolicy.FromPolicyText(text));
        });
    }

    [Theory]
    [Requirement("POL-160")]
    [InlineData("files.read", """{"path":"a.txt"}""", "rule_matched|default_allow", null)]
    [InlineData("files.write", """{"path":"a.txt"}""", "rule_denied", "allowed_tools")]
    [InlineData("files.read", """{"text":"my PASS\"WORD is"}""", "rule_denied", "blocked_pattern_1")]
    [InlineData("files.read", """{"text":"DROP   TABLE x"}""", "rule_denied", "blocked_pattern_2")]
    [InlineData("files.read", """{"deep":[{"path":"SETUP.EXE"}]}""", "rule_denied", "blocked_pattern_3")]
    [InlineData("files.read", """{"path":"we \"quote\".exe","z":1}""", "rule_denied", "blocked_pattern_3")]
    [InlineData("files.read", """{"a.exe":"a.exe.txt"}""", "rule_matched|default_allow", null)]
    [InlineData("files.read", """{"confidence":0.4}""", "rule_denied", "confidence_threshold")]
    [InlineData("files.read", """{"confidence":0.5}""", "rule_matched|default_allow", null)]
    public async Task The_rules_decide_as_the_limits_say(string tool, string arguments, string reasons, string? rule)
    {
        await using var host = new PolicyHost(Example.ToPolicyText());
        Decision decision = await host.DecideAsync(tool, arguments);
        Assert.Contains(decision.Reason.Code, reasons.Split('|'));
        Assert.Equal(rule, decision.Detail.Rule);
    }

    [Fact]
    [Requirement("POL-160")]
    public async Task One_call_more_than_the_limit_is_denied()
    {
        await using var host = new PolicyHost(Example.ToPolicyText());
        for (int i = 0; i < 3; i++)
        {
            Assert.True((await host.DecideAsync("files.read")).IsAllowed);
        }

        Decision decision = await host.DecideAsync("files.read");
        Assert.Equal((false, "max_tool_calls"), (decision.IsAllowed, decision.Detail.Rule));
    }

    [Theory]
    [Requirement("POL-160")]
    [InlineData("action: deny", "action: warn")]
    [InlineData("priority: 99", "priority: 9")]
    [InlineData("session.tool_calls", "session.model_calls")]
    [InlineData("name: allowed_tools", "name: some_tools")]
    [InlineData("*.exe", "*.dll")]
    [InlineData("action: allow", "action: deny")]
    [InlineData("operator: lt", "operator: lte")]
    public void A_rule_that_no_field_says_is_not_passed_over(string written, string changed)
    {
        string text = Example.ToPolicyText();
        int at = text.IndexOf(written, StringComparison.Ordinal);
        string other = text[..at] + changed + text[(at + written.Length)..];
        var exception = Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromPolicyText(other, "p.yaml"));
        Assert.Equal("AGTP059", Assert.Single(exception.Diagnostics).Code);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("name: x\n")]
    [InlineData("rules: 5\n")]
    [InlineData("rules: [5]\n")]
    public void What_is_no_such_policy_is_refused(string text) => Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromPolicyText(text));

    [Fact]
    public void A_pattern_that_fits_no_rule_is_said()
    {
        var policy = new GovernancePolicy { BlockedPatterns = [new string('.', 2_000)] };
        var tools = new GovernancePolicy { AllowedTools = [.. Enumerable.Range(0, 1_025).Select(number => $"t{number}")] };
        Assert.Contains("allowed_tools", Assert.Throws<InvalidOperationException>(tools.ToPolicyText).Message, StringComparison.Ordinal);
        Assert.Contains("blocked_patterns[0]", Assert.Throws<InvalidOperationException>(policy.ToPolicyText).Message, StringComparison.Ordinal);
    }
}
