namespace Agt.Policy.Tests.Loading;

/// <summary>How strict a rule is, by the surroundings in which the host works.</summary>
public sealed class RuleLevelTests
{
    private const string Overrides = "context_overrides: {inner_loop: skip, ci_cd: audit, autonomous: block}";

    [Theory]
    [Requirement("POL-100")]
    [InlineData("default_level: block", OperatingContext.CiCd, RuleEffect.Deny, true)]
    [InlineData("default_level: audit", OperatingContext.CiCd, RuleEffect.Audit, true)]
    [InlineData("default_level: skip", OperatingContext.Autonomous, RuleEffect.Deny, false)]
    [InlineData(Overrides, OperatingContext.InnerLoop, RuleEffect.Deny, false)]
    [InlineData(Overrides, OperatingContext.CiCd, RuleEffect.Audit, true)]
    [InlineData(Overrides, OperatingContext.Autonomous, RuleEffect.Deny, true)]
    [InlineData("context_overrides: {autonomous: block}", OperatingContext.CiCd, RuleEffect.Warn, true)]
    [InlineData("default_level: audit, context_overrides: {autonomous: block}", OperatingContext.InnerLoop, RuleEffect.Audit, true)]
    [InlineData("action: block, default_level: audit", OperatingContext.CiCd, RuleEffect.Audit, true)]
    public void A_level_softens_a_denial_in_the_surroundings_it_is_for(string levels, OperatingContext context, RuleEffect effect, bool enabled)
    {
        foreach (string head in new[] { "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\n", "name: p\ndefaults: {action: deny}\n" })
        {
            PolicyLoadResult result = PolicyLoader.LoadText($"{head}rules:\n  - {{name: r, condition: 'true', {levels}}}\n", options: new PolicyLoadOptions { OperatingContext = context });
            Assert.Empty(result.Diagnostics);
            Documents.PolicyRule rule = Assert.Single(Assert.Single(result.Documents).Rules);
            Assert.Equal((effect, enabled), (rule.Effect, rule.Enabled));
        }
    }

    [Fact]
    [Requirement("POL-100")]
    public void The_context_of_a_pipeline_is_the_default()
    {
        Assert.Equal(OperatingContext.CiCd, new PolicyLoadOptions().OperatingContext);
        CompiledPolicySet set = PolicySet.Compile(PolicyLoader.LoadText($"apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - {{name: r, condition: 'true', context_overrides: {{ci_cd: block}}}}\n").Documents);
        var input = new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests"), default);
        Assert.Equal(VerdictOutcome.Deny, set.Evaluate(in input).Outcome);
    }

    [Theory]
    [Requirement("POL-100")]
    [InlineData("default_level: blokc", "block")]
    [InlineData("default_level: 3", "a number")]
    [InlineData("default_level: null", "null")]
    [InlineData("context_overrides: {inner_lop: skip}", "inner_loop")]
    [InlineData("context_overrides: {ci_cd: deny}", "block, warn, audit, skip")]
    [InlineData("context_overrides: [skip]", "a map")]
    [InlineData("action: allow, default_level: block", "another action")]
    [InlineData("action: require_approval, default_level: warn", "another action")]
    public void A_level_that_is_none_refuses_its_document_in_every_context(string levels, string said)
    {
        foreach (OperatingContext context in Enum.GetValues<OperatingContext>())
        {
            PolicyLoadResult result = PolicyLoader.LoadText($"apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - {{name: r, condition: 'true', {levels}}}\n", options: new PolicyLoadOptions { OperatingContext = context });
            Assert.Empty(result.Documents);
            PolicyDiagnostic finding = Assert.Single(result.Diagnostics);
            Assert.Contains(said, finding.Message + finding.Fix, StringComparison.Ordinal);
            Assert.Equal(5, finding.Position.Line);
        }
    }
}
