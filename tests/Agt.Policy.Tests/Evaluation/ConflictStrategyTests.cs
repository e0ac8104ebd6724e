using CsCheck;
using Agt.Values;

namespace Agt.Policy.Tests.Evaluation;

public sealed class ConflictStrategyTests
{
    private static readonly ConflictStrategy[] All = Enum.GetValues<ConflictStrategy>();

    [Fact]
    [Requirement("POL-130", "POL-131", "POL-132", "POL-133", "POL-134", "POL-X17")]
    public void The_examples_of_the_specification()
    {
        PolicyCandidate allow = new("allow", RuleEffect.Allow, 100);
        PolicyCandidate deny = new("deny", RuleEffect.Deny, 10);
        Assert.Equal("deny", Winner(ConflictStrategy.DenyOverrides, allow, deny));
        Assert.Equal("allow", Winner(ConflictStrategy.AllowOverrides, deny, allow));
        Assert.Equal("allow", Winner(ConflictStrategy.PriorityFirstMatch, deny, allow));
        Assert.Equal("agent", Winner(ConflictStrategy.MostSpecificWins, new("global", RuleEffect.Deny, 100), new("agent", RuleEffect.Allow, 10, PolicyScope.Agent)));
        Assert.Equal("organization", Winner(ConflictStrategy.MostSpecificWins, new("tenant", RuleEffect.Deny, 100, PolicyScope.Tenant), new("organization", RuleEffect.Allow, 1, PolicyScope.Organization)));
        Assert.Equal("warn", Winner(ConflictStrategy.AllowOverrides, new("audit", RuleEffect.Audit, 1), new("warn", RuleEffect.Warn, 2)));
    }

    [Fact]
    [Requirement("POL-131", "POL-X05")]
    public void A_needed_approval_beats_an_allow_of_higher_priority_in_the_strict_profile()
    {
        PolicyCandidate[] candidates = [new("allow", RuleEffect.Allow, 100), new("ask", RuleEffect.RequireApproval, 1)];
        Assert.Equal("ask", ConflictResolver.Resolve(candidates, ConflictStrategy.DenyOverrides).Winner.Rule);
        Assert.Equal("allow", ConflictResolver.Resolve(candidates, ConflictStrategy.DenyOverrides, PolicyProfile.AgentOs10).Winner.Rule);
    }

    [Fact]
    [Requirement("POL-135", "POL-136", "POL-137", "POL-138")]
    public void Ties_keep_their_order_and_the_result_says_how_it_came_about()
    {
        foreach (ConflictStrategy strategy in All)
        {
            ConflictResolution tied = ConflictResolver.Resolve([new("first", RuleEffect.Deny), new("second", RuleEffect.Deny)], strategy);
            Assert.Equal(("first", strategy, 2, false), (tied.Winner.Rule, tied.Strategy, tied.Candidates, tied.ConflictDetected));
            Assert.NotEmpty(tied.Trace);
            Assert.True(ConflictResolver.Resolve([new("a", RuleEffect.Allow), new("d", RuleEffect.Deny)], strategy).ConflictDetected);
            Assert.False(ConflictResolver.Resolve([new("a", RuleEffect.Allow), new("w", RuleEffect.Warn)], strategy).ConflictDetected);
            ConflictResolution single = ConflictResolver.Resolve([new("only", RuleEffect.Deny)], strategy);
            Assert.False(single.ConflictDetected);
            Assert.NotEmpty(single.Trace);
            Assert.Throws<ArgumentException>(() => ConflictResolver.Resolve([], strategy));
        }
    }

    [Fact]
    [Requirement("POL-090", "POL-091", "POL-130", "POL-133")]
    public void The_engine_decides_as_the_resolver_says_under_every_strategy_and_profile()
    {
        var rule = Gen.Select(Gen.OneOf(RuleEffect.Allow, RuleEffect.Deny, RuleEffect.RequireApproval), Gen.Int[-2, 2], Gen.OneOf(Enum.GetValues<PolicyScope>()), Gen.Int[0, 3]);
        Gen.Select(rule.Array[1, 7], Gen.OneOf(All), Gen.OneOf(PolicyProfile.Strict, PolicyProfile.AgentOs10), Gen.Int[0, 3]).Sample(
            (rules, strategy, profile, n) =>
            {
                var documents = new List<PolicyDocument>();
                for (int i = 0; i < rules.Length; i++)
                {
                    documents.Add(Document(i, rules[i].Item1, rules[i].Item2, rules[i].Item3, rules[i].Item4));
                }

                PolicyCandidate[] matched = [.. rules.Select((r, i) => (r, i)).Where(pair => pair.r.Item4 == n).Select(pair => new PolicyCandidate($"r{pair.i}", pair.r.Item1, pair.r.Item2, pair.r.Item3))];
                CompiledPolicySet set = PolicySet.Compile(documents, new PolicyCompileOptions { Strategy = strategy, Profile = profile });
                var input = new PolicyInput(Template("t"), GovernedValue.FromJson($"{{\"n\":{n}}}"));
                Verdict verdict = set.Evaluate(in input);
                if (matched.Length == 0)
                {
                    Assert.Equal(ReasonCodes.DefaultDeny, verdict.Detail!.Reason);
                }
                else
                {
                    Assert.Equal(ConflictResolver.Resolve(matched, strategy, profile).Winner.Rule, verdict.Detail!.Rule);
                }

                PolicyExplanation why = set.Explain(in input);
                Assert.Equal(verdict, why.Verdict);
                Assert.Equal(matched.Select(candidate => candidate.Rule), why.Rules.Where(explained => explained.Outcome == RuleOutcome.Matched).Select(explained => explained.Rule));
            },
            iter: 3_000);
    }

    [Theory]
    [Requirement("POL-091", "POL-X08")]
    [InlineData(PolicyProfile.Strict, VerdictOutcome.Deny)]
    [InlineData(PolicyProfile.AgentOs10, VerdictOutcome.Warn)]
    public void A_warning_ends_the_evaluation_in_the_profile_of_the_original_alone(PolicyProfile profile, VerdictOutcome outcome)
    {
        CompiledPolicySet set = Compile(
            "name: p\ndefaults: {action: allow}\nrules:\n  - {name: w, condition: 'true', action: warn, priority: 9}\n  - {name: d, condition: 'true', action: deny}\n",
            new PolicyCompileOptions { Profile = profile, Strategy = ConflictStrategy.PriorityFirstMatch });
        var input = new PolicyInput(Template("t"), default);
        Assert.Equal(outcome, set.Evaluate(in input).Outcome);
    }

    [Fact]
    [Requirement("POL-092", "POL-093")]
    public void In_the_profile_of_the_original_the_first_default_holds_and_no_document_allows()
    {
        PolicyDocument[] documents = [.. Load("name: a\ndefaults: {action: allow}\n"), .. Load("name: b\ndefaults: {action: deny}\n")];
        var input = new PolicyInput(Template("t"), default);
        Assert.Equal(VerdictOutcome.Allow, PolicySet.Compile(documents, new PolicyCompileOptions { Profile = PolicyProfile.AgentOs10 }).Evaluate(in input).Outcome);
        Assert.Equal(VerdictOutcome.Deny, PolicySet.Compile(documents).Evaluate(in input).Outcome);
        Assert.Equal(VerdictOutcome.Allow, PolicySet.Compile([], new PolicyCompileOptions { Profile = PolicyProfile.AgentOs10 }).Evaluate(in input).Outcome);
        Verdict none = PolicySet.Compile([]).Evaluate(in input);
        Assert.Equal((VerdictOutcome.Deny, "No policies loaded (deny by default)"), (none.Outcome, none.Detail!.Explanation));
    }

    [Theory]
    [Requirement("POL-096")]
    [InlineData(ConflictStrategy.PriorityFirstMatch, VerdictOutcome.Allow)]
    [InlineData(ConflictStrategy.DenyOverrides, VerdictOutcome.Deny)]
    public void An_error_counts_where_its_rule_is_reached(ConflictStrategy strategy, VerdictOutcome outcome)
    {
        CompiledPolicySet set = Compile(
            "name: p\ndefaults: {action: deny}\nrules:\n  - {name: a, condition: 'n == 1', action: allow, priority: 9}\n  - {name: odd, condition: \"n > 'x'\", action: deny}\n", new PolicyCompileOptions { Strategy = strategy });
        var input = new PolicyInput(Template("t"), GovernedValue.FromJson("""{"n":1}"""));
        Assert.Equal(outcome, set.Evaluate(in input).Outcome);
    }

    [Fact]
    [Requirement("POL-136")]
    public void An_explanation_names_every_rule_and_the_values_that_decided()
    {
        CompiledPolicySet set = Compile(
            "name: p\ndefaults: {action: deny}\nrules:\n  - {name: hit, condition: \"args.to.name == 'ann' and not has(args.cc)\", action: allow}\n  - {name: miss, condition: 'args.n > 5', action: deny}\n  - {name: odd, condition: \"args.n > 'x'\", action: warn}\n" +
            "  - {name: off, condition: 'true', action: deny, enabled: false}\n  - {name: later, condition: 'true', action: deny, stage: post_tool}\n");
        var input = new PolicyInput(Template("t"), GovernedValue.FromJson("""{"to":{"name":"ann"},"n":1}"""));
        PolicyExplanation why = set.Explain(in input);
        Assert.Equal([RuleOutcome.Matched, RuleOutcome.NotMatched, RuleOutcome.Error, RuleOutcome.Disabled, RuleOutcome.OtherPoint], why.Rules.Select(rule => rule.Outcome));
        Assert.Equal(2, why.Rules[0].Tests.Count);
        Assert.Equal(("args.to.name", "\"ann\"", true), (why.Rules[0].Tests[0].Values[0].Key, why.Rules[0].Tests[0].Values[0].Value, why.Rules[0].Tests[0].Holds));
        Assert.Equal("(absent)", why.Rules[0].Tests[1].Values[0].Value);
        Assert.Null(why.Rules[2].Tests[0].Holds);
        Assert.Equal(ConflictStrategy.DenyOverrides, why.Strategy);
    }

    private static string Winner(ConflictStrategy strategy, params PolicyCandidate[] candidates) => ConflictResolver.Resolve(candidates, strategy).Winner.Rule;

    private static ActionTemplate Template(string tool) => new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity(tool), "tests");

    private static CompiledPolicySet Compile(string text, PolicyCompileOptions? options = null) => PolicySet.Compile(Load(text), options);

    private static IReadOnlyList<PolicyDocument> Load(string text)
    {
        PolicyLoadResult result = PolicyLoader.LoadText(text);
        Assert.True(result.IsSuccess, string.Join('\n', result.Diagnostics));
        return result.Documents;
    }

    private static PolicyDocument Document(int i, RuleEffect effect, int priority, PolicyScope scope, int n)
    {
        string action = effect switch { RuleEffect.Allow => "allow", RuleEffect.Deny => "deny", _ => "require_approval" };
        return Assert.Single(Load($"apiVersion: governance.toolkit/v1\nname: d{i}\nagents: ['*']\nscope: {scope.ToString().ToLowerInvariant()}\nrules:\n  - {{name: r{i}, condition: 'n == {n}', action: {action}, priority: {priority}}}\n"));
    }
}
