using Agt.Policy;
using Agt.Policy.Compilation;
using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Cli;

/// <summary>Puts each rule to the engine on its own, and each part of its condition, to show what held and what did not.</summary>
internal static class RuleExplainer
{
    private const int MostShown = 120;
    private const string Probe = "probe";

    internal static IReadOnlyList<RuleExplanation> Explain(LoadedPolicies policies, ActionInput action, DecisionFacts facts)
    {
        var explained = new List<RuleExplanation>();
        foreach (PolicyDocument document in policies.Documents)
        {
            bool applies = document.AppliesTo(action.Template.Principal.Agent.Value);
            foreach (PolicyRule rule in document.Rules)
            {
                string? skipped = !applies ? "other_agent" : !rule.Enabled ? "disabled" : !rule.Points.Contains(action.Point) ? "other_point" : null;
                bool decided = ReferenceEquals(rule, facts.Rule);
                explained.Add(new RuleExplanation(
                    document.Name, rule.Name, document.Source, rule.Position.Line, DecisionFacts.Name(rule.Effect),
                    skipped ?? Test(rule.Condition, action) switch { "true" => "matched", "false" => "not_matched", _ => "error" },
                    decided, skipped is null ? [.. Parts(rule.Condition).Select(part => Explain(part, action))] : []));
            }
        }

        return explained;
    }

    private static TestExplanation Explain(ConditionNode part, ActionInput action) => new(
        ConditionPrinter.Print(part), Test(part, action),
        [.. Paths(part).Distinct().Select(path => KeyValuePair.Create(path.ToString(), Shown(path, action)))]);

    /// <summary>Whether a condition holds, by the word of the engine: a policy with nothing but a rule that denies where it holds.</summary>
    private static string Test(ConditionNode condition, ActionInput action)
    {
        var rule = new PolicyRule { Name = Probe, Position = default, Condition = condition, Effect = RuleEffect.Deny, Points = [action.Point] };
        var document = new PolicyDocument(Probe, Probe, default) { DefaultAllows = true, Rules = [rule] };
        Verdict verdict = PolicySet.Compile([document]).Evaluate(action.ToPolicyInput());
        return verdict.Outcome != VerdictOutcome.Deny ? "false" : verdict.Detail?.Reason == ReasonCodes.RuleDenied ? "true" : "error";
    }

    private static ConditionNode[] Parts(ConditionNode condition) => condition switch
    {
        AndNode { Operands.Length: > 0 } and => and.Operands,
        OrNode { Operands.Length: > 0 } or => or.Operands,
        _ => [condition],
    };

    private static IEnumerable<ConditionPath> Paths(ConditionNode node) => node switch
    {
        PathNode path => [path.Path],
        CallNode call => Paths(call.Argument),
        NotNode not => Paths(not.Operand),
        AndNode and => and.Operands.SelectMany(Paths),
        OrNode or => or.Operands.SelectMany(Paths),
        ComparisonNode comparison => Paths(comparison.Left).Concat(Paths(comparison.Right)),
        MembershipNode membership => Paths(membership.Operand),
        PathMembershipNode membership => Paths(membership.Operand).Append(membership.List.Path),
        TextTestNode test => Paths(test.Left).Concat(Paths(test.Right)),
        PatternNode pattern => Paths(pattern.Operand),
        NullTestNode test => Paths(test.Operand),
        PresentNode present => Paths(present.Test).Append(present.Path),
        _ => [],
    };

    private static string Shown(ConditionPath path, ActionInput action)
    {
        PolicyInput input = action.ToPolicyInput();
        GovernedValue value = FieldPath.Bind(path, action.Point).Read(in input);
        if (value.IsAbsent)
        {
            return "(absent)";
        }

        string text;
        try
        {
            text = value.NumberText() ?? CanonicalJson.ToString(value);
        }
        catch (PayloadException)
        {
            return "(a value that has no JSON form)";
        }

        return text.Length <= MostShown ? text : text[..MostShown] + "...";
    }
}
