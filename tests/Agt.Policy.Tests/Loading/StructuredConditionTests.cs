using Agt.Policy.Documents;
using Agt.Policy.Syntax;

namespace Agt.Policy.Tests.Loading;

public sealed class StructuredConditionTests
{
    [Theory]
    [InlineData("eq", "x", "(has(args.a) and args.a == \"x\")")]
    [InlineData("ne", "x", "(has(args.a) and args.a != \"x\")")]
    [InlineData("gt", "5", "(has(args.a) and args.a > 5)")]
    [InlineData("lt", "-5", "(has(args.a) and args.a < -5)")]
    [InlineData("gte", "1.5", "(has(args.a) and args.a >= 1.5)")]
    [InlineData("lte", "x", "(has(args.a) and args.a <= \"x\")")]
    [InlineData("in", "[x, 1, no]", "(has(args.a) and args.a in [\"x\", 1, \"no\"])")]
    [InlineData("not_in", "[x]", "(has(args.a) and args.a not in [\"x\"])")]
    [InlineData("contains", "x", "(has(args.a) and args.a contains \"x\")")]
    [InlineData("matches", "'^x\\d'", "(has(args.a) and args.a matches \"^x\\\\d\")")]
    [InlineData("starts_with", "x", "(has(args.a) and args.a startswith \"x\")")]
    [InlineData("ends_with", "x", "(has(args.a) and args.a endswith \"x\")")]
    [InlineData("glob", "'*.x'", "(has(args.a) and args.a like \"*.x\")")]
    [InlineData("exists", "true", "args.a is not null")]
    [InlineData("exists", "false", "args.a is null")]
    [Requirement("POL-030", "POL-036", "POL-040")]
    public void Every_operator_has_a_meaning_in_the_language(string op, string value, string meaning) =>
        Assert.Equal(meaning, ConditionPrinter.Print(Rule($"{{field: args.a, operator: {op}, value: {value}}}").Condition));

    [Theory]
    [InlineData("{operator: eq, value: 1}", "p(6,16): error AGTP034: field is missing in a condition. Add field.")]
    [InlineData("{field: args.a, value: 1}", "p(6,16): error AGTP034: operator is missing in a condition. Add operator.")]
    [InlineData("{field: args.a, operator: eq}", "p(6,16): error AGTP034: value is missing in a condition. Add value.")]
    [InlineData("{field: args.a, operator: qe, value: 1}", "p(6,42): error AGTP036: There is no operator 'qe'. Did you mean 'eq'?")]
    [InlineData("{field: args.a, operator: eq, value: [1]}", "p(6,53): error AGTP031: The value is a list, not a single value. Write text, a number, true or false.")]
    [InlineData("{field: args.a, operator: in, value: 1}", "p(6,53): error AGTP031: The value of in is not a list of single values. Write a list such as [a, b].")]
    [InlineData("{field: args.a, operator: exists, value: maybe}", "p(6,57): error AGTP031: The value of exists is not true or false. Write true or false.")]
    [InlineData("{field: args.a == 1, operator: eq, value: 1}", "p(6,24): error AGTP037: The field 'args.a == 1' is not a path. Write names joined by points, such as args.amount.")]
    [InlineData("{all: {field: args.a}}", "p(6,22): error AGTP031: all is a map, not a list. Write a list of conditions.")]
    [InlineData("{any: [text]}", "p(6,23): error AGTP031: A condition in a group is text, not a map. Write field, operator and value, or all, any, not.")]
    [Requirement("POL-030")]
    public void What_is_incomplete_or_unknown_is_refused(string condition, string said) =>
        Assert.Equal(said, Assert.Single(Load(condition).Diagnostics).ToString());

    [Theory]
    [InlineData("{all: []}", "true")]
    [InlineData("{any: []}", "false")]
    [InlineData("{not: {any: [{field: args.a, operator: exists, value: true}, {field: args.b, operator: exists, value: true}]}}", "not (args.a is not null or args.b is not null)")]
    [Requirement("POL-041")]
    public void Groups_nest_and_may_be_empty(string condition, string meaning) =>
        Assert.Equal(meaning, ConditionPrinter.Print(Rule(condition).Condition));

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    [Requirement("POL-041")]
    public void Groups_nest_to_twenty_levels_with_the_test_in_them(int groups, bool loads)
    {
        string condition = string.Concat(Enumerable.Repeat("{not: ", groups)) + "{field: args.a, operator: eq, value: 1}" + new string('}', groups);

        PolicyLoadResult result = Load(condition);

        Assert.Equal(loads, result.IsSuccess);
        Assert.Equal(loads ? [] : ["AGTP111"], result.Diagnostics.Select(d => d.Code));
    }

    [Fact]
    [Requirement("POL-060")]
    public void All_conditions_of_a_rule_together_are_bounded()
    {
        string text = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - name: r\n    conditions:\n" +
            string.Concat(Enumerable.Repeat("      - args.a == 1\n", 85));

        Assert.True(PolicyLoader.LoadText(text).IsSuccess);
        Assert.Equal(
            "p(92,19): error AGTP112: A condition has more than 256 parts. Split the rule.",
            Assert.Single(PolicyLoader.LoadText(text + "      - args.a == 1\n", "p").Diagnostics).ToString());
    }

    private static PolicyRule Rule(string condition) => Assert.Single(Load(condition).GetDocuments()).Rules[0];

    private static PolicyLoadResult Load(string condition) =>
        PolicyLoader.LoadText($"apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - name: r\n    condition: {condition}\n", "p");
}
