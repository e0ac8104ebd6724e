using Agt.Policy.Syntax;
using Agt.Values;
using CsCheck;

namespace Agt.Policy.Tests.Evaluation;

public class EngineEqualsReferenceTests
{
    private const int Policies = 10_000;
    private const int ActionsPerPolicy = 10;

    [Fact]
    [Requirement("POL-090", "POL-096", "POL-098", "POL-131")]
    public void The_compiled_engine_decides_100_000_random_actions_as_the_reference_does()
    {
        Gen.ULong.Sample(
            seed =>
            {
                var random = new RandomPolicies(seed);
                PolicyDocument[] documents = random.Documents();
                CompiledPolicySet set = PolicySet.Compile(documents);
                for (int i = 0; i < ActionsPerPolicy; i++)
                {
                    PolicyCase action = random.Action();
                    ReferenceDecision expected = ReferenceInterpreter.Decide(documents, action);
                    ReferenceDecision actual = ReferenceDecision.Of(action.DecideBy(set));
                    Assert.True(expected.Equals(actual), Describe(documents, action, expected, actual));
                    Assert.Equal(actual, ReferenceDecision.Of(action.DecideBy(set)));
                }
            },
            iter: Policies);
    }

    [Fact]
    public void The_random_actions_reach_every_outcome_and_reason()
    {
        var seen = new HashSet<(VerdictOutcome, string?)>();
        int combined = 0;
        for (ulong seed = 0; seed < 500; seed++)
        {
            var random = new RandomPolicies(seed);
            CompiledPolicySet set = PolicySet.Compile(random.Documents());
            for (int i = 0; i < 20; i++)
            {
                Verdict verdict = random.Action().DecideBy(set);
                seen.Add((verdict.Outcome, verdict.Detail?.Reason.Code));
                combined += verdict.Detail is { Explanation: { } text } && text.Contains("Also matched", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Assert.Superset(
            new HashSet<(VerdictOutcome, string?)>
            {
                (VerdictOutcome.Allow, "rule_matched"), (VerdictOutcome.Allow, "default_allow"), (VerdictOutcome.Allow, null), (VerdictOutcome.Warn, "rule_matched"),
                (VerdictOutcome.Escalate, "approval_required"), (VerdictOutcome.Deny, "rule_denied"), (VerdictOutcome.Deny, "default_deny"),
                (VerdictOutcome.Deny, "policy_error"), (VerdictOutcome.Deny, "tool_not_allowed"),
            },
            seen);
        Assert.True(combined > 100);
    }

    private static string Describe(PolicyDocument[] documents, PolicyCase action, ReferenceDecision expected, ReferenceDecision actual)
    {
        IEnumerable<string> rules = documents.SelectMany(d => d.Rules.Select(r =>
            $"{d.Name}/{r.Name} {r.Effect} {r.Priority} {(r.Enabled ? "on" : "off")} {string.Join('+', r.Points)}: {ConditionPrinter.Print(r.Condition)}"));
        string payload = action.Payload.IsAbsent ? "absent" : CanonicalJson.ToString(action.Payload);
        string facets = action.Facets.IsAbsent ? "absent" : CanonicalJson.ToString(action.Facets);
        return $"expected {expected}\nactual   {actual}\n{action}\npayload {payload}\nfacets {facets}\n" + string.Join('\n', rules);
    }
}
