using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>The elementary tests over two values. None throws; what cannot be decided is <see cref="Truth.Error"/>.</summary>
internal static class ValueTests
{
    /// <summary>Equality without coercion; absent equals null (POL-056).</summary>
    internal static Truth Equal(GovernedValue left, GovernedValue right) =>
        Of(left.IsAbsentOrNull ? right.IsAbsentOrNull : ValueComparer.Numeric.Equals(left, right));

    /// <summary>Two numbers, or two texts by code unit; false when either is absent or null, an error for all else (POL-032, POL-057).</summary>
    internal static Truth Compare(GovernedValue left, GovernedValue right, byte mask)
    {
        if (left.IsAbsentOrNull || right.IsAbsentOrNull)
        {
            return Truth.False;
        }

        if (left.TryGetText(out ReadOnlySpan<char> text))
        {
            return right.TryGetText(out ReadOnlySpan<char> other) ? Of(OrderMask.Includes(mask, text.SequenceCompareTo(other))) : Truth.Error;
        }

        return ValueComparer.TryCompareNumbers(left, right, out int order) ? Of(OrderMask.Includes(mask, order)) : Truth.Error;
    }

    /// <summary>Whether a list that is read holds the value; no list there: false; something else there: an error.</summary>
    internal static Truth InList(GovernedValue value, GovernedValue list, ref WorkBudget budget)
    {
        if (list.IsAbsentOrNull)
        {
            return Truth.False;
        }

        return list.Kind is ValueKind.List or ValueKind.Set ? AnyEqual(list, value, ref budget) : Truth.Error;
    }

    /// <summary>Substring, list item or map key; false when either side is absent or null (POL-034).</summary>
    internal static Truth Contains(GovernedValue whole, GovernedValue part, ref WorkBudget budget)
    {
        if (whole.IsAbsentOrNull || part.IsAbsentOrNull)
        {
            return Truth.False;
        }

        if (whole.TryGetText(out ReadOnlySpan<char> text))
        {
            return part.TryGetText(out ReadOnlySpan<char> sought) ? ContainsText(text, sought, ref budget) : Truth.Error;
        }

        return whole.Kind switch
        {
            ValueKind.List or ValueKind.Set => AnyEqual(whole, part, ref budget),
            ValueKind.Map => part.AsString() is { } name ? Of(whole.TryGetMember(name, out _)) : Truth.Error,
            _ => Truth.Error,
        };
    }

    internal static Truth ContainsText(ReadOnlySpan<char> text, ReadOnlySpan<char> sought, ref WorkBudget budget) =>
        budget.TryTake(text.Length) ? Of(text.Contains(sought, StringComparison.Ordinal)) : Truth.Error;

    /// <summary>Whether a text begins or ends with another.</summary>
    internal static Truth Affix(GovernedValue whole, GovernedValue part, bool atEnd)
    {
        if (whole.IsAbsentOrNull || part.IsAbsentOrNull)
        {
            return Truth.False;
        }

        if (!whole.TryGetText(out ReadOnlySpan<char> text) || !part.TryGetText(out ReadOnlySpan<char> affix))
        {
            return Truth.Error;
        }

        return Of(atEnd ? text.EndsWith(affix, StringComparison.Ordinal) : text.StartsWith(affix, StringComparison.Ordinal));
    }

    /// <summary>Whether a pattern is found in the text of a value (POL-035, POL-042).</summary>
    internal static Truth Matches(GovernedValue value, TextPattern pattern, ref WorkBudget budget)
    {
        if (value.IsAbsentOrNull)
        {
            return Truth.False;
        }

        if (!value.TryGetText(out ReadOnlySpan<char> text))
        {
            text = TextOf(value);
        }

        if (!budget.TryTake(text.Length))
        {
            return Truth.Error;
        }

        try
        {
            return Of(pattern.Regex.IsMatch(text));
        }
        catch (NotSupportedException)
        {
            // Too large for the linear-time engine after all.
            return Truth.Error;
        }
    }

    /// <summary>Whether a whole text fits a glob.</summary>
    internal static Truth Like(GovernedValue value, Glob glob, ref WorkBudget budget)
    {
        if (value.IsAbsentOrNull)
        {
            return Truth.False;
        }

        return value.TryGetText(out ReadOnlySpan<char> text) && budget.TryTake(glob.Cost(text.Length)) ? Of(glob.IsMatch(text)) : Truth.Error;
    }

    /// <summary>Numbers as they were written, booleans as in JSON, containers as compact JSON with sorted names.</summary>
    private static string TextOf(GovernedValue value) =>
        value.NumberText() ?? (value.TryGetBoolean(out bool flag) ? flag ? "true" : "false" : CanonicalJson.ToString(value));

    private static Truth AnyEqual(GovernedValue list, GovernedValue value, ref WorkBudget budget)
    {
        int count = list.Count;
        if (!budget.TryTake(count))
        {
            return Truth.Error;
        }

        for (int i = 0; i < count; i++)
        {
            if (Equal(list[i], value) == Truth.True)
            {
                return Truth.True;
            }
        }

        return Truth.False;
    }

    private static Truth Of(bool value) => value ? Truth.True : Truth.False;
}
