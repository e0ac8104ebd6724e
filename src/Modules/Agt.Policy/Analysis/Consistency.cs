using Agt.Policy.Compilation;
using Agt.Values;

namespace Agt.Policy.Analysis;

/// <summary>
/// Finds tests that cannot all come out as said. What it calls impossible is; what it does not see through passes as possible, so that no finding is wrong.
/// </summary>
internal static class Consistency
{
    /// <summary>Whether the tests may all come out as said.</summary>
    internal static bool IsPossible(ReadOnlySpan<Literal> literals)
    {
        for (int i = 0; i < literals.Length; i++)
        {
            for (int k = 0; k < literals.Length; k++)
            {
                if (k > i && literals[i].Holds != literals[k].Holds && literals[i].Test.Equals(literals[k].Test))
                {
                    return false;
                }

                if (k != i && literals[i].Test.Left.Equals(literals[k].Test.Left) && !IsPossible(literals[i], literals[k]))
                {
                    return false;
                }
            }

            if (!HasPossibleValue(literals, literals[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Two tests of one thing.</summary>
    private static bool IsPossible(Literal left, Literal right)
    {
        // What is not there passes no test that needs a value.
        if (left is { Test.Kind: TestKind.Has, Holds: false } && right.Holds && NeedsValue(right.Test))
        {
            return false;
        }

        if (left.Holds && right.Holds && PrefixOf(left.Test) is { } one && PrefixOf(right.Test) is { } other
            && !one.StartsWith(other, StringComparison.Ordinal) && !other.StartsWith(one, StringComparison.Ordinal))
        {
            return false;
        }

        // A longer beginning is a shorter one as well.
        if (left.Holds && !right.Holds && PrefixOf(left.Test) is { } longer && PurePrefixOf(right.Test) is { } shorter && longer.StartsWith(shorter, StringComparison.Ordinal))
        {
            return false;
        }

        if (left.Holds && BoundOf(left.Test) is { } bound && BoundOf(right.Test) is { } against)
        {
            Bound second = right.Holds ? against : against.Opposite;
            return bound.Number != second.Number ? bound.Meets(second) : bound.MeetsAt(second);
        }

        return true;
    }

    /// <summary>Whether any of the values that a test lists passes all other tests of the same thing.</summary>
    private static bool HasPossibleValue(ReadOnlySpan<Literal> literals, Literal listing)
    {
        if (!listing.Holds || ValuesOf(listing.Test) is not { } values)
        {
            return true;
        }

        foreach (GovernedValue value in values)
        {
            bool passes = true;
            foreach (Literal literal in literals)
            {
                passes &= !literal.Test.Left.Equals(listing.Test.Left) || MayPass(literal, value);
            }

            if (passes)
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayPass(Literal literal, GovernedValue value)
    {
        if (literal.Test.Right is not (null or LiteralOperand))
        {
            return true;
        }

        PolicyInput nothing = default;
        var budget = new WorkBudget(1_000_000);
        Truth truth = ConditionEvaluator.Evaluate(literal.Test with { Left = new LiteralOperand(value) }, in nothing, ref budget);
        return truth == Truth.Error || (truth == Truth.True) == literal.Holds;
    }

    private static IReadOnlyList<GovernedValue>? ValuesOf(Test test) => test switch
    {
        { Kind: TestKind.Equal, Right: LiteralOperand { Value.IsAbsentOrNull: false } literal } => [literal.Value],
        { Kind: TestKind.InSet, Set: { } set } when !set.Values.Any(value => value.IsAbsentOrNull) => set.Values,
        _ => null,
    };

    private static bool NeedsValue(Test test) => test.Kind switch
    {
        TestKind.Has or TestKind.Holds or TestKind.Less or TestKind.LessOrEqual or TestKind.Greater or TestKind.GreaterOrEqual or TestKind.StartsWith or TestKind.EndsWith or TestKind.Contains
            or TestKind.Matches or TestKind.Like => true,
        TestKind.Equal or TestKind.InSet => ValuesOf(test) is not null,
        _ => false,
    };

    private static string? PrefixOf(Test test) => test.Kind switch
    {
        TestKind.Like => test.Glob!.Prefix,
        TestKind.StartsWith when test.Right is LiteralOperand literal => literal.Value.AsString(),
        TestKind.Equal when test.Right is LiteralOperand literal => literal.Value.AsString(),
        _ => null,
    };

    /// <summary>The beginning that is all the test asks for.</summary>
    private static string? PurePrefixOf(Test test) => test.Kind == TestKind.Like ? test.Glob!.IsPrefixOnly ? test.Glob.Prefix : null
        : test.Kind == TestKind.StartsWith ? PrefixOf(test) : null;

    private static Bound? BoundOf(Test test)
    {
        if (test.Right is not LiteralOperand { Value: { IsNumber: true } value } || !double.TryParse(value.NumberText(), System.Globalization.CultureInfo.InvariantCulture, out double number))
        {
            return null;
        }

        return test.Kind switch
        {
            TestKind.Less => new Bound(number, IsUpper: true, IsOpen: true),
            TestKind.LessOrEqual => new Bound(number, IsUpper: true, IsOpen: false),
            TestKind.Greater => new Bound(number, IsUpper: false, IsOpen: true),
            TestKind.GreaterOrEqual => new Bound(number, IsUpper: false, IsOpen: false),
            _ => null,
        };
    }

    /// <summary>A bound on a number that is there.</summary>
    private readonly record struct Bound(double Number, bool IsUpper, bool IsOpen)
    {
        internal Bound Opposite => new(Number, !IsUpper, !IsOpen);

        internal bool Meets(Bound other) => IsUpper == other.IsUpper || (IsUpper ? other.Number < Number : Number < other.Number);

        internal bool MeetsAt(Bound other) => IsUpper == other.IsUpper || (!IsOpen && !other.IsOpen);
    }
}
