using Agt.Policy.Compilation;
using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy;

/// <summary>Evaluates a set rule by rule in the plainest way, and keeps what it saw.</summary>
internal static class Explainer
{
    private const int LongestValue = 200;

    internal static PolicyExplanation Explain(CompiledPolicySet whole, in PolicyInput input)
    {
        if (whole.For(input.Payload, input.Facets, out Verdict refusal) is not { } set)
        {
            return new PolicyExplanation(refusal, whole.Options.EffectiveStrategy, 0, false, []);
        }

        var compiler = new ConditionCompiler();
        var rules = new List<RuleExplanation>();
        foreach (PolicyDocument document in set.Documents)
        {
            bool applies = document.AppliesTo(input.Template.Principal.Agent.Value);
            foreach (PolicyRule rule in document.Rules)
            {
                var tests = new List<TestExplanation>();
                RuleOutcome outcome = !rule.Enabled ? RuleOutcome.Disabled
                    : !applies ? RuleOutcome.OtherAgent
                    : Array.IndexOf(rule.Points, input.Point) < 0 ? RuleOutcome.OtherPoint
                    : Ask(rule.Condition, compiler, in input, set.Options.MaxScannedCharacters, tests);
                rules.Add(new RuleExplanation(document.Name, rule.Name, rule.Effect, rule.Priority, document.Source, rule.Position, outcome, tests));
            }
        }

        RuleExplanation[] matched = [.. rules.Where(rule => rule.Outcome == RuleOutcome.Matched)];
        bool conflict = Array.Exists(matched, rule => rule.Effect == RuleEffect.Deny) && Array.Exists(matched, rule => rule.Effect == RuleEffect.Allow);
        return new PolicyExplanation(set.Evaluate(in input), set.Options.EffectiveStrategy, matched.Length, conflict, rules);
    }

    private static RuleOutcome Ask(ConditionNode condition, ConditionCompiler compiler, in PolicyInput input, long most, List<TestExplanation> tests)
    {
        var budget = new WorkBudget(most);
        Truth truth = ConditionEvaluator.Evaluate(compiler.Compile(condition, input.Point), in input, ref budget);
        Collect(condition, compiler, in input, most, tests);
        return truth switch
        {
            Truth.True => RuleOutcome.Matched,
            Truth.False => RuleOutcome.NotMatched,
            _ => RuleOutcome.Error,
        };
    }

    private static void Collect(ConditionNode node, ConditionCompiler compiler, in PolicyInput input, long most, List<TestExplanation> tests)
    {
        switch (node)
        {
            case AndNode and:
                foreach (ConditionNode part in and.Operands)
                {
                    Collect(part, compiler, in input, most, tests);
                }

                break;
            case OrNode or:
                foreach (ConditionNode part in or.Operands)
                {
                    Collect(part, compiler, in input, most, tests);
                }

                break;
            case NotNode not:
                Collect(not.Operand, compiler, in input, most, tests);
                break;
            default:
                var budget = new WorkBudget(most);
                Truth truth = ConditionEvaluator.Evaluate(compiler.Compile(node, input.Point), in input, ref budget);
                var values = new List<KeyValuePair<string, string>>();
                foreach (ConditionPath path in ConditionPaths.Of(node).Distinct())
                {
                    values.Add(KeyValuePair.Create(path.ToString()!, Shown(FieldPath.Bind(path, input.Point).Read(in input))));
                }

                tests.Add(new TestExplanation(ConditionPrinter.Print(node), truth switch { Truth.True => true, Truth.False => false, _ => null }, values));
                break;
        }
    }

    private static string Shown(GovernedValue value)
    {
        if (value.IsAbsent)
        {
            return "(absent)";
        }

        string text;
        try
        {
            text = value.NumberText() ?? (value.Kind == ValueKind.Set ? value.ToString() : CanonicalJson.ToString(value));
        }
        catch (PayloadException)
        {
            return "(a value that has no JSON form)";
        }

        return text.Length > LongestValue ? text[..LongestValue] + "..." : text;
    }
}
