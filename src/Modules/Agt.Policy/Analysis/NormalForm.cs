using Agt.Policy.Compilation;

namespace Agt.Policy.Analysis;

/// <summary>
/// A condition as a list of alternatives, each a list of tests that all have to come out as said (disjunctive normal form). Bounded: a condition with more alternatives than
/// <see cref="MaxAlternatives"/> has none, and nothing is said about it.
/// </summary>
internal static class NormalForm
{
    internal const int MaxAlternatives = 256;

    /// <summary>The alternatives under which the condition comes to <paramref name="value"/>; null if there are too many, or an error is among its parts.</summary>
    internal static List<Literal[]>? Of(Condition condition, bool value)
    {
        switch (condition)
        {
            case Constant constant:
                return constant.Value switch
                {
                    Truth.True or Truth.False => (constant.Value == Truth.True) == value ? [[]] : [],
                    _ => null,
                };
            case Test test:
                return [[new Literal(test, value)]];
            case Negation negation:
                return Of(negation.Inner, !value);
            case AllOf all:
                return value ? Product(all.Parts, true) : Union(all.Parts, false);
            case AnyOf any:
                return value ? Union(any.Parts, true) : Product(any.Parts, false);
            default:
                return null;
        }
    }

    private static List<Literal[]>? Union(Condition[] parts, bool value)
    {
        var all = new List<Literal[]>();
        foreach (Condition part in parts)
        {
            if (Of(part, value) is not { } alternatives || all.Count + alternatives.Count > MaxAlternatives)
            {
                return null;
            }

            all.AddRange(alternatives);
        }

        return all;
    }

    private static List<Literal[]>? Product(Condition[] parts, bool value)
    {
        List<Literal[]> all = [[]];
        foreach (Condition part in parts)
        {
            if (Of(part, value) is not { } alternatives || (long)all.Count * alternatives.Count > MaxAlternatives)
            {
                return null;
            }

            all = [.. all.SelectMany(left => alternatives.Select(right => (Literal[])[.. left, .. right]))];
        }

        return all;
    }
}
