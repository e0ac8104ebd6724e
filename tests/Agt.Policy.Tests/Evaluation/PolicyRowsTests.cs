using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>Conditions and rules one by one, written as an author writes them.</summary>
public class PolicyRowsTests
{
    private const string Context = """{"action":{"type":"shadow"},"amount":620,"tags":["vip"],"my":{"text":"my_pw_x"},"big":9007199254740993,"level":2,"one":1.0,"flag":true,"name":"exec_ls","nothing":null,"x.y":5,"t":-6.5}""";

    [Theory]
    [Requirement("POL-031", "POL-032", "POL-033", "POL-034", "POL-035", "POL-037", "POL-051", "POL-054", "POL-055", "POL-056", "POL-057", "POL-058", "POL-059")]
    [InlineData("action.type == 'tool_call' and (amount > 700 or tags contains 'vip') and not has(approved)", true)]
    [InlineData("amount > '500'", null)]
    [InlineData("missing < 5", false)]
    [InlineData("missing != 'x'", true)]
    [InlineData("missing == null", true)]
    [InlineData("nothing == null", true)]
    [InlineData("amount >= 620", true)]
    [InlineData("amount == '620'", false)]
    [InlineData("one == 1", true)]
    [InlineData("big == 9007199254740992", false)]
    [InlineData("big > 9007199254740992.0", true)]
    [InlineData("t < -5", true)]
    [InlineData("level in [1, 2]", true)]
    [InlineData("level not in [1, 3]", true)]
    [InlineData("'vip' in tags", true)]
    [InlineData("'vip' in amount", null)]
    [InlineData("my.text contains 'pw'", true)]
    [InlineData("my contains 'text'", true)]
    [InlineData("flag contains 'x'", null)]
    [InlineData("name matches '^exec_.*'", true)]
    [InlineData("amount matches '^62'", true)]
    [InlineData("my matches '\"text\":\"my'", true)]
    [InlineData("name like 'exec_*'", true)]
    [InlineData("name startswith 'exec' and name endswith 'ls'", true)]
    [InlineData("flag", true)]
    [InlineData("missing", false)]
    [InlineData("amount", null)]
    [InlineData("len(tags) == 1 and len(name) == 7", true)]
    [InlineData("upper(name) == 'EXEC_LS' and lower('A') == 'a'", true)]
    [InlineData("missing is null and amount is not null", true)]
    [InlineData("(flag) == (amount > 5)", true)]
    public void A_condition_comes_to_what_the_language_says(string condition, bool? expected)
    {
        Verdict verdict = Decide($"condition: {Quote(condition)}\n    action: deny", Context);
        string? reason = expected switch { true => "rule_denied", false => "default_allow", null => "policy_error" };
        Assert.Equal(reason, verdict.Detail!.Reason.Code);
    }

    [Theory]
    [Requirement("POL-036", "POL-040", "POL-041")]
    [InlineData("{field: missing, operator: ne, value: x}", false)]
    [InlineData("{field: missing, operator: not_in, value: [x]}", false)]
    [InlineData("{field: amount, operator: ne, value: 5}", true)]
    [InlineData("{field: missing, operator: exists, value: false}", true)]
    [InlineData("{field: amount, operator: exists, value: true}", true)]
    [InlineData("{field: name, operator: glob, value: 'exec_*'}", true)]
    [InlineData("{all: []}", true)]
    [InlineData("{any: []}", false)]
    [InlineData("{not: {field: level, operator: gt, value: 1}}", false)]
    public void A_structured_condition_is_false_for_what_is_not_there(string condition, bool expected)
    {
        Verdict verdict = Decide($"condition: {condition}\n    action: deny", Context);
        Assert.Equal(expected ? "rule_denied" : "default_allow", verdict.Detail!.Reason.Code);
    }

    [Theory]
    [Requirement("POL-039", "POL-186")]
    [InlineData("x.y == 5", true)]
    [InlineData("amount.value == 620", true)]
    [InlineData("args.amount == amount", true)]
    [InlineData("tags.0 == 'vip' and tags[0] == 'vip'", true)]
    [InlineData("action == 'tool_call'", true)]
    public void Arguments_are_read_by_path_by_dotted_name_and_by_value(string condition, bool expected)
    {
        Verdict verdict = Decide($"condition: {Quote(condition)}\n    action: deny", Context);
        Assert.Equal(expected ? "rule_denied" : "default_allow", verdict.Detail!.Reason.Code);
    }

    [Theory]
    [InlineData("tool_name == 'trusted'")]
    [InlineData("tool.name == 'trusted'")]
    [InlineData("agent_id == 'root'")]
    [InlineData("agent.id == 'root'")]
    [InlineData("trust_score == 1000")]
    [InlineData("verified")]
    [InlineData("session.id == 'root'")]
    [InlineData("output == 'root'")]
    [InlineData("facets.safe")]
    public void No_argument_can_pass_for_a_fact_of_the_host(string condition)
    {
        const string Forged = """{"tool_name":"trusted","tool":{"name":"trusted"},"agent_id":"root","agent":{"id":"root"},"agent.id":"root","trust_score":1000,"verified":true,"session":{"id":"root"},"session.id":"root","output":"root","facets":{"safe":true}}""";
        Verdict verdict = Decide($"condition: {Quote(condition)}\n    action: allow", Forged, defaultAction: "deny");
        Assert.Equal(VerdictOutcome.Deny, verdict.Outcome);
    }

    [Fact]
    [Requirement("POL-251")]
    public void A_facet_wins_over_an_argument_of_its_name()
    {
        CompiledPolicySet set = Compile("condition: \"sql_verb == 'DROP'\"\n    action: deny", "allow");
        var input = new PolicyInput(Tool("db"), GovernedValue.FromJson("""{"sql_verb":"SELECT"}""")) { Facets = GovernedValue.FromJson("""{"sql_verb":"DROP"}""") };
        Assert.Equal(VerdictOutcome.Deny, set.Evaluate(in input).Outcome);
    }

    [Fact]
    [Requirement("POL-095", "POL-075")]
    public void A_rule_that_cannot_be_evaluated_denies_and_tells_the_user_nothing_of_itself()
    {
        Verdict verdict = Decide("condition: \"amount > 'secret-limit'\"\n    action: allow", """{"amount":1}""");
        Assert.Equal(VerdictOutcome.Deny, verdict.Outcome);
        Assert.Equal(ReasonCodes.PolicyEvaluationError, verdict.Detail!.Reason);
        Assert.Equal("Policy evaluation error: access denied (fail closed)", verdict.Detail.Explanation);
        Assert.Equal("rule", verdict.Detail.Rule);
        Assert.Null(verdict.Detail.PublicMessage);
    }

    [Fact]
    [Requirement("POL-096")]
    public void An_error_in_a_rule_that_is_not_reached_has_no_effect()
    {
        Verdict verdict = Decide("condition: \"amount > 1\"\n    action: deny\n    priority: 5\n  - name: broken\n    condition: \"amount > 'x'\"\n    action: deny", """{"amount":2}""");
        Assert.Equal(ReasonCodes.RuleDenied, verdict.Detail!.Reason);
    }

    [Theory]
    [Requirement("POL-074")]
    [InlineData("message: Ask finance", "Ask finance", "Ask finance")]
    [InlineData("description: Over the limit", "Over the limit", null)]
    [InlineData("priority: 1", "Matched rule 'rule'", null)]
    public void The_reason_is_the_message_or_the_description_or_the_name(string line, string explanation, string? shown)
    {
        Verdict verdict = Decide($"condition: \"true\"\n    action: deny\n    {line}", "{}");
        Assert.Equal((explanation, shown), (verdict.Detail!.Explanation, verdict.Detail.PublicMessage));
    }

    [Fact]
    [Requirement("POL-131")]
    public void A_deny_of_priority_10_beats_an_allow_of_priority_100()
    {
        Verdict verdict = Decide("condition: \"true\"\n    action: allow\n    priority: 100\n  - name: no\n    condition: \"true\"\n    action: deny\n    priority: 10", "{}");
        Assert.Equal((VerdictOutcome.Deny, "no"), (verdict.Outcome, verdict.Detail!.Rule));
    }

    [Theory]
    [Requirement("POL-071", "POL-072", "POL-X04")]
    [InlineData("allow", VerdictOutcome.Allow)]
    [InlineData("audit", VerdictOutcome.Allow)]
    [InlineData("log", VerdictOutcome.Allow)]
    [InlineData("warn", VerdictOutcome.Warn)]
    [InlineData("require_approval", VerdictOutcome.Escalate)]
    [InlineData("deny", VerdictOutcome.Deny)]
    [InlineData("block", VerdictOutcome.Deny)]
    public void Each_effect_has_its_outcome_and_outweighs_a_default_of_deny(string action, VerdictOutcome expected) =>
        Assert.Equal(expected, Decide($"condition: \"true\"\n    action: {action}", "{}", defaultAction: "deny").Outcome);

    [Fact]
    [Requirement("POL-X08")]
    public void A_warning_does_not_hide_a_deny_of_lower_priority()
    {
        Verdict verdict = Decide("condition: \"true\"\n    action: warn\n    priority: 9\n  - name: no\n    condition: \"true\"\n    action: deny", "{}");
        Assert.Equal(VerdictOutcome.Deny, verdict.Outcome);
    }

    [Fact]
    [Requirement("POL-091")]
    public void A_disabled_rule_and_a_rule_of_another_stage_never_match()
    {
        Verdict verdict = Decide("condition: \"true\"\n    action: deny\n    enabled: false\n  - name: later\n    condition: \"true\"\n    action: deny\n    stage: post_tool", "{}");
        Assert.Equal(ReasonCodes.DefaultAllow, verdict.Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-X15", "POL-X16")]
    public void Few_patterns_are_constructed_when_a_set_is_compiled_and_many_on_one_field_never()
    {
        IReadOnlyList<PolicyDocument> few = Documents("p", "allow", "condition: \"message matches 'a+b'\"\n    action: deny");
        TextPattern pattern = Assert.IsType<PatternNode>(few[0].Rules[0].Condition).Pattern;
        PolicySet.Compile(few);
        Assert.True(pattern.IsConstructed);

        string rules = string.Join("\n  - name: ", Enumerable.Range(0, 20).Select(i => $"r{i}\n    condition: \"message matches 'x{i}y+z'\"\n    action: deny"));
        IReadOnlyList<PolicyDocument> many = PolicyLoader.LoadText("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - name: " + rules).Documents;
        CompiledPolicySet set = PolicySet.Compile(many);
        var hit = new PolicyInput(Tool("t"), GovernedValue.FromJson("""{"message":"say x17yyz"}"""));
        Assert.Equal("r17", set.Evaluate(in hit).Detail!.Rule);
        var miss = new PolicyInput(Tool("t"), GovernedValue.FromJson("""{"message":"x17z"}"""));
        var number = new PolicyInput(Tool("t"), GovernedValue.FromJson("""{"message":5}"""));
        Assert.Equal(ReasonCodes.DefaultAllow, set.Evaluate(in miss).Detail!.Reason);
        Assert.DoesNotContain(many[0].Rules, rule => ((PatternNode)rule.Condition).Pattern.IsConstructed);
        Assert.Equal(ReasonCodes.DefaultAllow, set.Evaluate(in number).Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-092")]
    public void The_strictest_default_of_all_documents_holds()
    {
        CompiledPolicySet set = PolicySet.Compile([.. Documents("a", "allow"), .. Documents("b", "deny")]);
        var input = new PolicyInput(Tool("t"), default);
        Assert.Equal(("default_deny", "b"), (set.Evaluate(in input).Detail!.Reason.Code, set.Evaluate(in input).Detail!.Policy));
    }

    [Fact]
    [Requirement("POL-093")]
    public void No_document_denies()
    {
        CompiledPolicySet set = PolicySet.Compile([]);
        var input = new PolicyInput(Tool("t"), default);
        Assert.Equal("No policies loaded (deny by default)", set.Evaluate(in input).Detail!.Explanation);
    }

    [Theory]
    [Requirement("POL-010")]
    [InlineData("agents: [other, agent-1]", true)]
    [InlineData("agent: agent-1", true)]
    [InlineData("agents: ['*']", true)]
    [InlineData("version: '2'", true)]
    [InlineData("agent: other", false)]
    public void A_document_applies_to_the_agents_it_names(string line, bool applies)
    {
        CompiledPolicySet set = PolicySet.Compile(PolicyLoader.LoadText($"apiVersion: governance.toolkit/v1\nname: p\n{line}\ndefault_action: allow\nrules: []\n").GetDocuments());
        var input = new PolicyInput(Tool("t"), default);
        Assert.Equal(applies ? VerdictOutcome.Allow : VerdictOutcome.Deny, set.Evaluate(in input).Outcome);
    }

    [Fact]
    [Requirement("POL-012")]
    public void A_tool_that_is_not_on_the_list_is_denied_before_rules()
    {
        CompiledPolicySet set = PolicySet.Compile(PolicyLoader.LoadText(
            "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\ntool_allowlist: [read]\nrules:\n  - name: all\n    condition: \"true\"\n    action: allow\n").GetDocuments());
        var listed = new PolicyInput(Tool("read"), default);
        var other = new PolicyInput(Tool("write"), default);
        Assert.Equal(VerdictOutcome.Allow, set.Evaluate(in listed).Outcome);
        Assert.Equal(ReasonCodes.ToolNotAllowed, set.Evaluate(in other).Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-307")]
    public void The_digest_of_a_set_is_that_of_the_specification()
    {
        // 5.7 gives the digest of two files that are D1 documents; the formula is checked on documents of our own with the digests it names.
        PolicyDocument[] documents =
        [
            new("beta", "beta", Digest.Of("name: beta\nrules: []\n"u8)),
            new("alpha", "alpha", Digest.Of("name: alpha\nrules: []\n"u8)),
        ];
        Assert.Equal("sha256:df4682779a90719107c8a586ff5e57398a98dcbe1ba5f196927c74dde0514cd1", PolicySet.Compile(documents).SetDigest.ToString());
    }

    [Fact]
    public void A_result_that_no_rule_matches_is_not_withheld_by_the_default()
    {
        CompiledPolicySet set = Compile("condition: output contains 'secret'\n    stage: post_tool\n    action: deny", "deny");
        var harmless = new PolicyInput(Tool("x"), default) { Point = InterventionPoint.PostToolCall, Output = GovernedValue.From("fine") };
        var secret = new PolicyInput(Tool("x"), default) { Point = InterventionPoint.PostToolCall, Output = GovernedValue.From("a secret") };
        Assert.True(set.Evaluate(in harmless).IsPlainAllow);
        Assert.Equal(ReasonCodes.RuleDenied, set.Evaluate(in secret).Detail!.Reason);
    }

    [Fact]
    public void Points_that_no_rule_is_about_stay_open_whatever_the_default()
    {
        CompiledPolicySet set = Compile("condition: \"tool_name == 'x'\"\n    action: allow", "deny");
        var model = new PolicyInput(new ActionTemplate(InterventionPoint.PreModelCall, "chat", new Principal(AgentId.Anonymous), null, "t"), default);
        var result = new PolicyInput(Tool("x"), default) { Point = InterventionPoint.PostToolCall };
        var tool = new PolicyInput(Tool("y"), default);
        Assert.Equal(ReasonCodes.DefaultAllow, set.Evaluate(in model).Detail!.Reason);
        Assert.True(set.Evaluate(in result).IsPlainAllow);
        Assert.Equal(ReasonCodes.DefaultDeny, set.Evaluate(in tool).Detail!.Reason);
    }

    [Fact]
    [Requirement("POL-062")]
    public void Scanning_more_text_than_the_budget_denies()
    {
        IReadOnlyList<PolicyDocument> documents = Documents("p", "allow", "condition: \"text matches 'b'\"\n    action: deny\n  - name: two\n    condition: \"text contains 'c'\"\n    action: deny");
        CompiledPolicySet set = PolicySet.Compile(documents, new PolicyCompileOptions { MaxScannedCharacters = 199 });
        var shorter = new PolicyInput(Tool("t"), GovernedValue.FromJson($$"""{"text":"{{new string('a', 99)}}"}"""));
        var longer = new PolicyInput(Tool("t"), GovernedValue.FromJson($$"""{"text":"{{new string('a', 100)}}"}"""));
        Assert.Equal(VerdictOutcome.Allow, set.Evaluate(in shorter).Outcome);
        Assert.Equal((ReasonCodes.PolicyEvaluationError, "two"), (set.Evaluate(in longer).Detail!.Reason, set.Evaluate(in longer).Detail!.Rule));
    }

    [Fact]
    public void Several_rules_give_one_verdict_that_is_made_once()
    {
        CompiledPolicySet set = Compile("condition: \"true\"\n    action: warn\n  - name: second\n    condition: \"true\"\n    action: audit", "deny");
        var input = new PolicyInput(Tool("t"), default);
        Verdict first = set.Evaluate(in input);
        Assert.Equal((VerdictOutcome.Warn, "rule", "Matched rule 'rule' Also matched: p/second"), (first.Outcome, first.Detail!.Rule, first.Detail.Explanation));
        Assert.Same(first.Detail, set.Evaluate(in input).Detail);
    }

    [Theory]
    [InlineData("condition: \"amount > 1 and currency == 'EUR'\"\n    action: deny")]
    [InlineData("condition: \"amount > 1000\"\n    action: deny\n  - name: w\n    condition: \"currency in ['EUR', 'USD']\"\n    action: warn\n  - name: a\n    condition: \"amount > 5\"\n    action: audit")]
    [InlineData("condition: \"tool_name like 'to*' and note matches 'off.ce'\"\n    action: require_approval")]
    public void Deciding_a_known_kind_of_action_allocates_nothing(string rules)
    {
        CompiledPolicySet set = Compile(rules, "allow");
        ActionTemplate template = Tool("tool");
        GovernedValue payload = GovernedValue.FromJson("""{"amount":620,"currency":"EUR","note":"for the office"}""");
        var input = new PolicyInput(template, payload);
        for (int i = 0; i < 200; i++)
        {
            set.Evaluate(in input);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            set.Evaluate(in input);
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);
    }

    [Fact]
    [Requirement("POL-X16")]
    public void Tools_that_no_rule_tells_apart_share_one_plan()
    {
        string rules = string.Join("\n  - name: ", Enumerable.Range(0, 500).Select(i => $"r{i}\n    condition: \"tool_name == 'known_{i}' and amount > {i}\"\n    action: deny"));
        CompiledPolicySet set = PolicySet.Compile(PolicyLoader.LoadText("apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrules:\n  - name: " + rules + "\n").GetDocuments());
        Assert.Same(set.PlanFor(Tool("invented_1"), InterventionPoint.PreToolCall), set.PlanFor(Tool("invented_2"), InterventionPoint.PreToolCall));
        Assert.NotSame(set.PlanFor(Tool("known_1"), InterventionPoint.PreToolCall), set.PlanFor(Tool("known_2"), InterventionPoint.PreToolCall));
        var input = new PolicyInput(Tool("known_499"), GovernedValue.FromJson("""{"amount":500}"""));
        Assert.Equal("r499", set.Evaluate(in input).Detail!.Rule);
    }

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static ActionTemplate Tool(string name) =>
        new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Parse("agent-1")), new ToolIdentity(name), "tests");

    private static IReadOnlyList<PolicyDocument> Documents(string name, string defaultAction, string? rule = null) => PolicyLoader.LoadText(
        $"apiVersion: governance.toolkit/v1\nname: {name}\ndefault_action: {defaultAction}\nrules:{(rule is null ? " []" : "\n  - name: rule\n    " + rule)}\n").GetDocuments();

    private static CompiledPolicySet Compile(string rule, string defaultAction) => PolicySet.Compile(Documents("p", defaultAction, rule));

    private static Verdict Decide(string rule, string payload, string defaultAction = "allow")
    {
        var input = new PolicyInput(Tool("tool"), GovernedValue.FromJson(payload));
        return Compile(rule, defaultAction).Evaluate(in input);
    }
}
