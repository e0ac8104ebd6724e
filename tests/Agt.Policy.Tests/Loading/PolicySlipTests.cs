namespace Agt.Policy.Tests.Loading;

/// <summary>What an author writes by mistake and what would otherwise pass in silence, with the whole text of what is said about it.</summary>
public sealed class PolicySlipTests
{
    private const string Head = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - name: r\n    ";

    [Theory]
    [InlineData("condition: {field: args.x, operator: eq, value: ~}", "(6,53): error AGTP046: eq with null never holds: what is absent or null fails every test. Write operator: exists and value: false.")]
    [InlineData("condition: tool_name in ['a', 5]", "(6,26): error AGTP130: Text never equals a number, which is in the list. List values of one type; nothing is converted.")]
    [InlineData("condition: {field: session.tokens, operator: in, value: [many]}", "(6,16): error AGTP130: A number never equals text, which is in the list. List values of one type; nothing is converted.")]
    [InlineData("condition: args.x matches '(?!y)'", "(6,31): error AGTP121: The pattern uses negative lookahead, (?! at its character 1, which cannot be matched in linear time. Rewrite it without that, or as several tests joined by and, or, not; or turn such rules off: --skip-non-linear, or PolicyLoadOptions.SkipNonLinearPatterns.")]
    [InlineData("condition: args.x matches 'a('", "(6,31): error AGTP120: The pattern is malformed: insufficient closing parentheses at its character 2. Correct the regular expression.")]
    [InlineData("condition: 'true'\n    action: redact\n    transforms: [{path: args.x, value: '*'}]", "(8,40): error AGTP045: A transform whose op is redact has no use for value. Write op: set to put a value there, or replacement for what a redaction leaves.")]
    [InlineData("condition: 'true'\n    action: redact\n    transforms: [{path: args.x, op: set, value: 5, pattern: x}]", "(8,61): error AGTP045: A transform whose op is set has no use for pattern. Write op: redact to replace what a pattern finds.")]
    [InlineData("condition: 'true'\n    action: redact\n    transforms: [{path: args.x, op: remove, replacement: x}]", "(8,58): error AGTP045: A transform whose op is remove has no use for replacement. Write op: redact to replace what a pattern finds.")]
    [Requirement("POL-036", "POL-061")]
    [Requirement("POL-013")]
    public void What_could_never_work_is_refused(string rule, string said)
    {
        PolicyLoadResult result = PolicyLoader.LoadText(Head + rule + "\n", "p.yaml");

        Assert.Equal("p.yaml" + said, Assert.Single(result.Diagnostics).ToString());
        Assert.Empty(result.Documents);
    }

    [Theory]
    [InlineData("condition: \"false\"", "(6,17): warning AGTP132: The condition never holds, so the rule does nothing. Write what it should hold for, or set enabled: false.")]
    [InlineData("condition: args.x in [] and args.y", "(6,29): warning AGTP132: The condition never holds, so the rule does nothing. Write what it should hold for, or set enabled: false.")]
    [InlineData("condition: {field: args.x, operator: in, value: []}", "(6,16): warning AGTP132: The condition never holds, so the rule does nothing. Write what it should hold for, or set enabled: false.")]
    [InlineData("condition: args.y and tool_nmae == 'x'", "(6,27): warning AGTP133: tool_nmae is read as an argument or a facet, and looks like tool_name. Did you mean 'tool_name'? If it is an argument, write args.tool_nmae.")]
    [InlineData("condition: arg.x == 'x'", "(6,16): warning AGTP133: arg.x is read as an argument or a facet, and looks like args. Did you mean 'args'? If it is an argument, write args.arg.x.")]
    [InlineData("condition: output contains 'x'", "(6,16): warning AGTP134: The condition reads output, and at the stages of the rule there is none yet. Set stage: post_tool, post_model or pre_output. An argument of that name is args.output.")]
    [InlineData("condition: \"true\"\n    approvers: [ann]", "(7,16): warning AGTP047: approvers has no effect: the rule's action asks nobody. Set action: require_approval, or remove approvers.")]
    [Requirement("POL-X29")]
    public void What_works_but_is_hardly_meant_is_a_warning(string rule, string said)
    {
        PolicyLoadResult result = PolicyLoader.LoadText(Head + rule + "\n", "p.yaml");

        Assert.Equal("p.yaml" + said, Assert.Single(result.Diagnostics).ToString());
        Assert.True(result.IsSuccess);
    }

    [Theory]
    [InlineData("condition: amount > 5 and version == 'x' and to == 'y'")]
    [InlineData("condition: output contains 'x'\n    stage: [pre_tool, post_tool]")]
    [InlineData("condition: args.x not in [] or true")]
    [InlineData("condition: {field: args.x, operator: eq, value: 1, description: why, x-note: 5}")]
    public void What_is_fine_is_not_remarked_on(string rule)
    {
        Assert.Empty(PolicyLoader.LoadText(Head + rule + "\n").Diagnostics);
    }

    [Theory]
    [InlineData("apiversion: governance.toolkit/v1\nname: p\n", "(1,1): error AGTP022: apiVersion is missing, and there is 'apiversion'. Did you mean 'apiVersion'?")]
    [InlineData("agent_control_specification_version: 0.3.1\n", "(1,38): error AGTP021: This is a manifest of the Agent Control Specification, which is not a policy document. Put it in force by AddAcs; a policy document has apiVersion: governance.toolkit/v1.")]
    [InlineData("apiVersion: governance.toolkit/v9\n", "(1,13): error AGTP023: apiVersion is 'governance.toolkit/v9', which is not supported. Supported: governance.toolkit/v1.")]
    [Requirement("POL-008")]
    public void Documents_of_another_kind_are_told_what_they_are(string text, string said) =>
        Assert.Equal("p.yaml" + said, Assert.Single(PolicyLoader.LoadText(text, "p.yaml").Diagnostics).ToString());

    [Theory]
    [InlineData("0x1F", "31")]
    [InlineData("0o17", "15")]
    [InlineData("017", "17")]
    [InlineData("+5", "5")]
    [InlineData("-0.50", "-0.5")]
    [InlineData("1e3", "1000")]
    [Requirement("POL-018")]
    public void Numbers_are_read_by_the_core_schema(string written, string number)
    {
        PolicyDocument document = Assert.Single(PolicyLoader.LoadText(Head + $"condition: {{field: args.x, operator: eq, value: {written}}}\n").GetDocuments());

        var present = Assert.IsType<Agt.Policy.Syntax.PresentNode>(document.Rules[0].Condition);
        var equal = Assert.IsType<Agt.Policy.Syntax.ComparisonNode>(present.Test);
        Assert.True(Assert.IsType<Agt.Policy.Syntax.LiteralNode>(equal.Right).Value.Equals(Agt.Values.GovernedValue.FromNumberText(number)));
    }

    [Theory]
    [InlineData("0xFFFFFFFFFFFFFFFFFF", "A number is too large.")]
    [InlineData(".inf", "A number is not finite.")]
    [InlineData("-.INF", "A number is not finite.")]
    [InlineData("1e9999", "A number has too many digits.")]
    [Requirement("POL-018")]
    public void Numbers_without_a_value_are_refused(string written, string said)
    {
        PolicyDiagnostic refused = Assert.Single(PolicyLoader.LoadText(Head + $"condition: {{field: args.x, operator: eq, value: {written}}}\n").Diagnostics);

        Assert.Equal(("AGTP018", new SourcePosition(6, 53), said), (refused.Code, refused.Position, refused.Message));
    }

    [Fact]
    [Requirement("POL-010")]
    [Requirement("POL-011")]
    public void A_document_that_names_no_agent_applies_to_all_and_says_so()
    {
        PolicyLoadResult result = PolicyLoader.LoadText("apiVersion: governance.toolkit/v1\nname: p\nagents: []\nscope: tenant\n", "p.yaml");

        Assert.Equal(
            "p.yaml(1,1): warning AGTP026: Neither agent nor agents names one, so the policy applies to every agent. Write agents: ['*'] if that is meant.",
            Assert.Single(result.Diagnostics).ToString());
        Assert.Equal(PolicyScope.Tenant, Assert.Single(result.Documents).Scope);
    }
}
