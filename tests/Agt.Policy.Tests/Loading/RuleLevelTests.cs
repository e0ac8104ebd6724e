using Agt.Values;

namespace Agt.Policy.Tests.Loading;

public sealed class RuleLevelTests
{
    private const string Head = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - name: r\n    condition: tool_name == 'x'\n";

    [Theory]
    [InlineData("default_level: block", PolicyOperatingContext.CiCd, VerdictOutcome.Deny)]
    [InlineData("default_level: warn", PolicyOperatingContext.CiCd, VerdictOutcome.Warn)]
    [InlineData("default_level: audit", PolicyOperatingContext.CiCd, VerdictOutcome.Allow)]
    [InlineData("default_level: skip", PolicyOperatingContext.CiCd, VerdictOutcome.Allow)]
    [InlineData("context_overrides: { autonomous: block }", PolicyOperatingContext.Autonomous, VerdictOutcome.Deny)]
    [InlineData("context_overrides: { autonomous: block }", PolicyOperatingContext.CiCd, VerdictOutcome.Warn)]
    [InlineData("context_overrides: { autonomous: block }", PolicyOperatingContext.InnerLoop, VerdictOutcome.Warn)]
    [InlineData("default_level: block\n    context_overrides: { inner_loop: skip }", PolicyOperatingContext.InnerLoop, VerdictOutcome.Allow)]
    [InlineData("default_level: block\n    context_overrides: { inner_loop: skip }", PolicyOperatingContext.CiCd, VerdictOutcome.Deny)]
    [Requirement("POL-100")]
    public void A_rule_acts_as_its_level_says_where_the_agents_work(string levels, PolicyOperatingContext context, VerdictOutcome outcome)
    {
        PolicyLoadResult loaded = PolicyLoader.LoadText(Head + "    " + levels + "\n", "p.yaml", PolicyLoadOptions.Default with { OperatingContext = context });
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("x"), "tests");
        var input = new PolicyInput(template, GovernedValue.FromJson("{}"));
        Assert.Equal(outcome, PolicySet.Compile(loaded.GetDocuments()).Evaluate(in input).Outcome);
    }

    [Theory]
    [InlineData("default_level: deny")]
    [InlineData("default_level: 1")]
    [InlineData("context_overrides: [block]")]
    [InlineData("context_overrides: { ci_cd: deny }")]
    [InlineData("context_overrides: { production: block }")]
    [InlineData("default_level: warn\n    action: deny")]
    [Requirement("POL-100")]
    public void A_level_that_is_none_is_refused_with_its_place(string levels)
    {
        PolicyLoadResult loaded = PolicyLoader.LoadText(Head + "    " + levels + "\n", "p.yaml");
        PolicyDiagnostic finding = Assert.Single(loaded.Diagnostics);
        Assert.Equal(DiagnosticSeverity.Error, finding.Severity);
        Assert.True(finding.Position.Line >= 8);
        Assert.Empty(loaded.Documents);
    }

    [Fact]
    [Requirement("POL-100")]
    public void Where_nothing_else_is_said_agents_work_in_a_pipeline() => Assert.Equal(PolicyOperatingContext.CiCd, PolicyLoadOptions.Default.OperatingContext);
}
