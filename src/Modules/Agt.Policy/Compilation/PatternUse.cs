using Agt.Policy.Matching;
using Agt.Policy.Syntax;

namespace Agt.Policy.Compilation;

/// <summary>Which patterns are searched for in which field: where there are many, they are searched for together.</summary>
internal static class PatternUse
{
    /// <summary>From how many patterns on a field a shared pass pays.</summary>
    internal const int Many = 8;

    private const int MostConstructed = 256;

    /// <summary>The sets of a point's rules.</summary>
    internal static Dictionary<FieldPath, PatternSet>? SetsOf(CompiledRule[] rules)
    {
        Dictionary<FieldPath, PatternSet>? sets = null;
        foreach ((FieldPath field, List<TextPattern> patterns) in Collect(rules))
        {
            if (patterns.Distinct(ReferenceEqualityComparer.Instance).Count() >= Many)
            {
                (sets ??= []).Add(field, new PatternSet(patterns));
            }
        }

        return sets;
    }

    /// <summary>Constructs the few patterns that stand alone, so that no decision waits for it. A pattern takes milliseconds.</summary>
    internal static void Prepare(IReadOnlyCollection<CompiledRule> rules)
    {
        int left = MostConstructed;
        foreach (IGrouping<InterventionPoint, CompiledRule> point in rules.GroupBy(rule => rule.Point))
        {
            foreach (List<TextPattern> patterns in Collect([.. point]).Values.Where(patterns => patterns.Count < Many))
            {
                foreach (TextPattern pattern in patterns)
                {
                    if (left-- > 0)
                    {
                        pattern.TryConstruct();
                    }
                }
            }
        }
    }

    private static Dictionary<FieldPath, List<TextPattern>> Collect(CompiledRule[] rules)
    {
        var found = new Dictionary<FieldPath, List<TextPattern>>();
        foreach (CompiledRule rule in rules)
        {
            Visit(rule.Condition);
        }

        return found;

        void Visit(Condition condition)
        {
            switch (condition)
            {
                case AllOf all:
                    Array.ForEach(all.Parts, Visit);
                    break;
                case AnyOf any:
                    Array.ForEach(any.Parts, Visit);
                    break;
                case Negation negation:
                    Visit(negation.Inner);
                    break;
                case Test { Kind: TestKind.Matches, Pattern: { } pattern, Left: PathOperand { Path: var path } } when !path.IsStatic:
                    if (!found.TryGetValue(path, out List<TextPattern>? patterns))
                    {
                        found.Add(path, patterns = []);
                    }

                    patterns.Add(pattern);
                    break;
            }
        }
    }
}
