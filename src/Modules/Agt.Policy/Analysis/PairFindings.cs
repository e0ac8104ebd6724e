using Agt.Policy.Compilation;

namespace Agt.Policy.Analysis;

/// <summary>What two rules do to each other.</summary>
internal static class PairFindings
{
    internal static void Add(AnalyzedRule[] rules, List<PolicyDiagnostic> found)
    {
        if (rules.Length > PolicyAnalyzer.MaxComparedRules)
        {
            return;
        }

        foreach (IGrouping<InterventionPoint, AnalyzedRule> group in rules.Where(rule => rule.CanHold).GroupBy(rule => rule.Point))
        {
            AnalyzedRule[] at = [.. group];
            HashSet<Operand>[] subjects = Array.ConvertAll(at, rule => Subjects(rule.Condition));
            for (int i = 0; i < at.Length; i++)
            {
                for (int k = 0; k < at.Length; k++)
                {
                    // A rule that says nothing of what the other tests cannot follow from it.
                    if (k != i && at[k].Covers(at[i]) && (at[k].AlwaysHolds || subjects[k].Overlaps(subjects[i])) && Compare(at[i], i, at[k], k, found))
                    {
                        break;
                    }
                }
            }
        }
    }

    /// <summary>Whether the other rule makes this one pointless, which is then reported.</summary>
    private static bool Compare(AnalyzedRule rule, int place, AnalyzedRule other, int otherPlace, List<PolicyDiagnostic> found)
    {
        RuleEffect effect = rule.Rule.Effect;
        RuleEffect stricter = other.Rule.Effect;
        bool outweighs = stricter == RuleEffect.Deny ? effect != RuleEffect.Deny : stricter == RuleEffect.RequireApproval && effect == RuleEffect.Allow;
        if (outweighs && Implication.Implies(rule.Condition, other.Condition))
        {
            bool same = stricter == RuleEffect.Deny && effect == RuleEffect.Allow && Implication.Implies(other.Condition, rule.Condition);
            found.Add(same
                ? rule.Warn("AGTP203", $"contradicts rule {other.FullName}: both have the same condition, and the denial wins.", "Remove one of them, or tell their conditions apart.")
                : rule.Warn("AGTP201", $"never decides: rule {other.FullName} {(stricter == RuleEffect.Deny ? "denies" : "asks for approval of")} all that it matches.", "Remove it, or narrow the other."));
            return true;
        }

        // Of two rules that say the same, the later one is named.
        if (effect == stricter && IsPlain(effect) && Implication.Implies(rule.Condition, other.Condition)
            && (otherPlace < place || !Implication.Implies(other.Condition, rule.Condition)))
        {
            found.Add(rule.Warn("AGTP202", $"adds nothing: rule {other.FullName} does the same for all that it matches.", "Remove it, or narrow the other."));
            return true;
        }

        if (place < otherPlace && effect != stricter && rule.Rule.Priority == other.Rule.Priority && rule.Rule.Priority != 0 && IsOpposed(effect, stricter)
            && Implication.CanMeet(rule.Condition, other.Condition) && rule.Covers(other))
        {
            found.Add(rule.Warn(
                "AGTP204", $"and rule {other.FullName} can match the same action with the same priority {rule.Rule.Priority} and opposite effects; the denial wins.", "Tell their conditions apart, or give them different priorities."));
        }

        return false;
    }

    private static bool IsPlain(RuleEffect effect) => effect is RuleEffect.Deny or RuleEffect.Allow or RuleEffect.RequireApproval;

    private static bool IsOpposed(RuleEffect one, RuleEffect other) => (one, other) is (RuleEffect.Allow, RuleEffect.Deny) or (RuleEffect.Deny, RuleEffect.Allow);

    private static HashSet<Operand> Subjects(Condition condition)
    {
        var all = new HashSet<Operand>();
        Visit(condition);
        return all;

        void Visit(Condition part)
        {
            switch (part)
            {
                case Test test:
                    all.Add(test.Left);
                    break;
                case Negation negation:
                    Visit(negation.Inner);
                    break;
                case AllOf both:
                    Array.ForEach(both.Parts, Visit);
                    break;
                case AnyOf any:
                    Array.ForEach(any.Parts, Visit);
                    break;
            }
        }
    }
}
