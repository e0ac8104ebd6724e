using Agt.Policy.Analysis;

namespace Agt.Policy.Tests.Analysis;

public class PolicyAnalyzerTests
{
    private const string Deny = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: deny\nrules:\n";

    [Theory]
    [Requirement("POL-X29")]
    [InlineData("args.a == 1 and args.a == 2")]
    [InlineData("tool_name in ['x', 'y'] and tool_name like 'z*'")]
    [InlineData("tool_name == 'x' and args.n > 5 and args.n <= 5")]
    [InlineData("tool_name == 'x' and args.n > 5 and not (args.n > 3)")]
    [InlineData("tool_name startswith 'ab' and tool_name like 'ac*'")]
    [InlineData("tool_name startswith 'ab' and not (tool_name startswith 'a')")]
    [InlineData("tool_name == 'x' and not has(args.a) and args.a contains 'b'")]
    [InlineData("tool_name == 'x' and (args.b == 1 or args.b == 2) and args.b not in [1, 2, 3]")]
    [InlineData("tool_name == 'x' and tool_name matches '^y'")]
    public void A_condition_that_contradicts_itself_is_found(string condition) => Assert.Equal("AGTP200", Assert.Single(Find(Rule("r", condition, "allow"), "AGTP209")).Code);

    [Theory]
    [Requirement("POL-X29")]
    [InlineData("tool_name == 'x' and args.n > 5 and args.n < 6")]
    [InlineData("tool_name == 'x' and args.n >= 5 and args.n <= 5")]
    [InlineData("tool_name like 'a*' and tool_name startswith 'ab'")]
    [InlineData("tool_name == 'x' and args.a != 1 and args.a != 2")]
    [InlineData("tool_name == 'x' and not (args.n > 5) and not (args.n < 5)")]
    [InlineData("tool_name == 'x' and lower(args.s) == 'a' and args.s == 'A'")]
    [InlineData("tool_name == 'x' and args.a == args.b and args.b == 1 and args.a == 1")]
    public void A_condition_that_can_hold_is_left_alone(string condition) => Assert.Empty(Find(Rule("r", condition, "allow")));

    [Fact]
    [Requirement("POL-X29")]
    public void A_rule_that_a_denial_covers_never_decides()
    {
        PolicyDiagnostic finding = Assert.Single(Find(Rule("small", "tool_name == 'pay' and args.amount < 10", "allow") + Rule("never", "tool_name in ['pay', 'refund']", "deny"), "AGTP209"));
        Assert.Equal("AGTP201", finding.Code);
        Assert.Contains("'never'", finding.Message, StringComparison.Ordinal);
        Assert.Equal(6, finding.Position.Line);
    }

    [Fact]
    [Requirement("POL-X29")]
    public void An_allow_below_a_needed_approval_never_decides() =>
        Assert.Equal("AGTP201", Assert.Single(Find(Rule("small", "tool_name == 'pay' and args.amount < 10", "allow") + Rule("ask", "tool_name == 'pay'", "require_approval"))).Code);

    [Fact]
    [Requirement("POL-X29")]
    public void Equal_conditions_with_opposite_effects_contradict_each_other() =>
        Assert.Equal("AGTP203", Assert.Single(Find(Rule("yes", "tool_name == 'pay'", "allow") + Rule("no", "tool_name in ['pay']", "deny"), "AGTP209")).Code);

    [Fact]
    [Requirement("POL-X29")]
    public void A_rule_that_repeats_another_adds_nothing_and_only_one_of_two_equals_is_named()
    {
        Assert.Equal("AGTP202", Assert.Single(Find(Rule("wide", "tool_name like 'db.*'", "allow") + Rule("narrow", "tool_name == 'db.read'", "allow"))).Code);
        Assert.Equal("AGTP202", Assert.Single(Find(Rule("one", "tool_name == 'a'", "allow") + Rule("two", "tool_name == 'a'", "allow"))).Code);
    }

    [Fact]
    [Requirement("POL-X29")]
    public void Equal_priorities_with_opposite_effects_are_pointed_out_where_the_rules_can_meet()
    {
        string Prioritised(string name, string condition, string action) => Rule(name, condition, action) + "    priority: 5\n";
        Assert.Equal("AGTP204", Assert.Single(Find(Prioritised("a", "tool_name == 'pay' and args.x == 1", "allow") + Prioritised("b", "tool_name == 'pay' and args.y == 1", "deny"))).Code);
        Assert.Empty(Find(Prioritised("a", "tool_name == 'pay' and args.x == 1", "allow") + Prioritised("b", "tool_name == 'refund' and args.y == 1", "deny")));
    }

    [Theory]
    [Requirement("POL-X29")]
    [InlineData("\"true\"", "AGTP206")]
    [InlineData("args.amount < 100", "AGTP206")]
    [InlineData("tool_name != 'rm'", "AGTP206")]
    [InlineData("tool_name like '*'", "AGTP206")]
    [InlineData("tool_name == 'a' or user == 'bob'", "AGTP206")]
    public void An_allow_that_names_no_tool_is_too_broad(string condition, string code) => Assert.Equal(code, Assert.Single(Find(Rule("r", condition, "allow"))).Code);

    [Fact]
    [Requirement("POL-X29")]
    public void A_set_that_never_allows_a_rule_that_denies_all_and_an_allow_by_default_are_pointed_out()
    {
        Assert.Equal(["AGTP207", "AGTP209"], Find(Rule("r", "\"true\"", "deny")).Select(finding => finding.Code).Order(StringComparer.Ordinal));
        Assert.Equal("AGTP205", Assert.Single(Find(Rule("r", "tool_name == 'a'", "allow"), head: Deny.Replace("default_action: deny", "default_action: allow", StringComparison.Ordinal))).Code);
        Assert.Equal(["AGTP208", "AGTP209"], Find(Rule("r", "tool_name == 'a'", "allow") + "    enabled: false\n").Select(finding => finding.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Requirement("POL-X29")]
    public void Rules_for_other_agents_or_at_other_stages_do_not_cover()
    {
        PolicyDocument some = Load(Deny.Replace("'*'", "bob", StringComparison.Ordinal).Replace("name: p", "name: q", StringComparison.Ordinal) + Rule("no", "tool_name == 'a'", "deny"));
        PolicyDocument all = Load(Deny + Rule("yes", "tool_name == 'a'", "allow"));
        Assert.Empty(PolicyAnalyzer.Analyze([all, some]));
        Assert.Empty(Find(Rule("yes", "tool_name == 'a'", "allow") + Rule("no", "tool_name == 'a'", "deny") + "    stage: post_tool\n"));
    }

    [Fact]
    [Requirement("POL-X29")]
    public void Many_alternatives_are_given_up_rather_than_multiplied_out()
    {
        string wide = string.Join(" and ", Enumerable.Range(0, 20).Select(i => $"(args.a{i} == 1 or args.b{i} == 1)"));
        Assert.Empty(Find(Rule("r", $"tool_name == 'a' and {wide}", "allow")));
    }

    private static string Rule(string name, string condition, string action) => $"  - name: {name}\n    condition: {condition}\n    action: {action}\n";

    private static PolicyDocument Load(string text)
    {
        PolicyLoadResult result = PolicyLoader.LoadText(text);
        Assert.Empty(result.Diagnostics);
        return Assert.Single(result.Documents);
    }

    private static List<PolicyDiagnostic> Find(string rules, string? without = null, string head = Deny) =>
        [.. PolicyAnalyzer.Analyze([Load(head + rules)]).Where(finding => finding.Code != without)];
}
