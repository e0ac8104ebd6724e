namespace Agt.Policy.Compilation;

/// <summary>The tools a condition can be true for: some by name, some by how their name begins.</summary>
internal sealed record ToolFilter(IReadOnlyList<string> Names, IReadOnlyList<string> Prefixes)
{
    private const int MostEntries = 1_024;

    /// <summary>Reads it off a condition; null if the condition does not say, or can be an error before it comes to the tool.</summary>
    internal static ToolFilter? Of(Condition condition, ReadOnlySpan<Test> staticTests)
    {
        foreach (Test test in staticTests)
        {
            if (MayFail(test))
            {
                return null;
            }
        }

        return Of(condition);
    }

    private static ToolFilter? Of(Condition condition)
    {
        switch (condition)
        {
            case AllOf all:
                ToolFilter? best = null;
                foreach (Condition part in all.Parts)
                {
                    ToolFilter? filter = Of(part);
                    if (filter is not null && (best is null || filter.Weight < best.Weight))
                    {
                        best = filter;
                    }
                }

                return best;
            case AnyOf any:
                return OfAny(any);
            case Test { Left: PathOperand { Path.Root: FieldRoot.ToolName } } test:
                return OfTest(test);
            default:
                return null;
        }
    }

    // Names are cheaper to tell apart than prefixes, and few of them better than many.
    private int Weight => Names.Count + (Prefixes.Count * 64);

    private static ToolFilter? OfAny(AnyOf any)
    {
        var names = new List<string>();
        var prefixes = new List<string>();
        foreach (Condition part in any.Parts)
        {
            if (Of(part) is not { } filter || names.Count + prefixes.Count > MostEntries)
            {
                return null;
            }

            names.AddRange(filter.Names);
            prefixes.AddRange(filter.Prefixes);
        }

        return new ToolFilter([.. names.Distinct(StringComparer.Ordinal)], [.. prefixes.Distinct(StringComparer.Ordinal)]);
    }

    private static ToolFilter? OfTest(Test test) => test switch
    {
        { Kind: TestKind.Equal, Right: LiteralOperand literal } when literal.Value.AsString() is { } name => new ToolFilter([name], []),
        { Kind: TestKind.InSet, Set.TextsOnly: { } names } => new ToolFilter(names, []),
        { Kind: TestKind.Like, Glob: { IsLiteral: true } glob } => new ToolFilter([glob.Prefix], []),
        { Kind: TestKind.Like, Glob: { Prefix.Length: > 0 } glob } => new ToolFilter([], [glob.Prefix]),
        { Kind: TestKind.StartsWith, Right: LiteralOperand literal } when literal.Value.AsString() is { Length: > 0 } prefix => new ToolFilter([], [prefix]),
        _ => null,
    };

    /// <summary>Whether a test over template fields (texts, or absent) can be an error.</summary>
    private static bool MayFail(Test test) => test.Kind switch
    {
        TestKind.Equal or TestKind.InSet or TestKind.Has => !IsPlain(test.Left) || (test.Right is not null && !IsPlain(test.Right)),
        TestKind.Like => !IsTextual(test.Left),
        TestKind.Less or TestKind.LessOrEqual or TestKind.Greater or TestKind.GreaterOrEqual or TestKind.StartsWith or TestKind.EndsWith or TestKind.Contains =>
            !IsTextual(test.Left) || !IsTextual(test.Right!),
        _ => true,
    };

    private static bool IsPlain(Operand operand) => operand is LiteralOperand or PathOperand;

    private static bool IsTextual(Operand operand) => operand is PathOperand || (operand is LiteralOperand literal && literal.Value.Kind == Agt.Values.ValueKind.String);
}
