using System.Collections.Frozen;
using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>The literals of an <c>in</c> list: texts and whole numbers are hashed, the few others compared one by one. Immutable and thread-safe.</summary>
internal sealed class ValueSet : IEquatable<ValueSet>
{
    private const int HashFrom = 8;
    private readonly string[] _texts;
    private readonly long[] _wholes;
    private readonly GovernedValue[] _others;
    private readonly FrozenSet<string>? _textSet;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _textLookup;
    private readonly bool _hasNull;

    internal ValueSet(IEnumerable<GovernedValue> values)
    {
        GovernedValue[] all = [.. values];
        Values = all;
        _texts = [.. all.Where(v => v.Kind == ValueKind.String).Select(v => v.AsString()!).Distinct(StringComparer.Ordinal)];
        _wholes = [.. all.Where(v => v.Kind == ValueKind.Integer).Select(Whole).Distinct().Order()];
        _others = [.. all.Where(v => v.Kind is not (ValueKind.String or ValueKind.Integer or ValueKind.Null or ValueKind.Absent))];
        _hasNull = all.Any(v => v.IsAbsentOrNull);
        if (_texts.Length >= HashFrom)
        {
            _textSet = _texts.ToFrozenSet(StringComparer.Ordinal);
            _textLookup = _textSet.GetAlternateLookup<ReadOnlySpan<char>>();
        }
    }

    internal IReadOnlyList<GovernedValue> Values { get; }

    /// <summary>The texts, if it holds nothing else.</summary>
    internal IReadOnlyList<string>? TextsOnly => _wholes.Length == 0 && _others.Length == 0 && !_hasNull ? _texts : null;

    internal bool Contains(GovernedValue value)
    {
        if (value.TryGetText(out ReadOnlySpan<char> text))
        {
            return ContainsText(text);
        }

        if (value.IsAbsentOrNull)
        {
            return _hasNull;
        }

        if (value.TryGetInt64(out long whole) && Array.BinarySearch(_wholes, whole) >= 0)
        {
            return true;
        }

        return ContainsOther(value);
    }

    public bool Equals(ValueSet? other) =>
        other is not null && Values.Count == other.Values.Count && Values.Zip(other.Values).All(pair => ValueComparer.Exact.Equals(pair.First, pair.Second));

    public override bool Equals(object? obj) => Equals(obj as ValueSet);

    public override int GetHashCode() => Values.Aggregate(Values.Count, (hash, value) => HashCode.Combine(hash, ValueComparer.Exact.GetHashCode(value)));

    private static long Whole(GovernedValue value) => value.TryGetInt64(out long whole) ? whole : 0;

    private bool ContainsText(ReadOnlySpan<char> text)
    {
        if (_textSet is not null)
        {
            return _textLookup.Contains(text);
        }

        foreach (string candidate in _texts)
        {
            if (text.SequenceEqual(candidate))
            {
                return true;
            }
        }

        return false;
    }

    private bool ContainsOther(GovernedValue value)
    {
        foreach (GovernedValue candidate in _others)
        {
            if (ValueComparer.Numeric.Equals(candidate, value))
            {
                return true;
            }
        }

        // A double or a long decimal may still equal a whole number of the list.
        if (value.IsNumber && value.Kind != ValueKind.Integer)
        {
            foreach (long whole in _wholes)
            {
                if (ValueComparer.TryCompareNumbers(GovernedValue.From(whole), value, out int order) && order == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
