using System.Text.RegularExpressions;

namespace Agt.Policy.Matching;

/// <summary>A set of UTF-16 units, as sorted ranges that do not touch. Immutable.</summary>
internal sealed class CharSet : IEquatable<CharSet>
{
    // What a class of characters holds is asked of the platform's own engine, so that both always agree.
    private static readonly Lazy<CharSet> WordSet = new(() => Probe(@"\w"));
    private static readonly Lazy<CharSet> DigitSet = new(() => Probe(@"\d"));
    private static readonly Lazy<CharSet> SpaceSet = new(() => Probe(@"\s"));
    private static readonly Lazy<CharSet> BoundarySet = new(() => Probe(@"\b"));

    private const int MostFollowed = 512;
    private readonly (char Low, char High)[] _ranges;

    private CharSet((char Low, char High)[] ranges) => _ranges = ranges;

    internal static CharSet Word => WordSet.Value;

    internal static CharSet Digit => DigitSet.Value;

    internal static CharSet Space => SpaceSet.Value;

    /// <summary>What counts as part of a word for <c>\b</c>.</summary>
    internal static CharSet Boundary => BoundarySet.Value;

    internal static CharSet NewLine { get; } = Of([('\n', '\n')]);

    internal IReadOnlyList<(char Low, char High)> Ranges => _ranges;

    internal static CharSet Of(IEnumerable<(char Low, char High)> ranges)
    {
        var sorted = ranges.OrderBy(range => range.Low).ToList();
        var merged = new List<(char Low, char High)>();
        foreach ((char low, char high) in sorted)
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1)
            {
                merged[^1] = (merged[^1].Low, high > merged[^1].High ? high : merged[^1].High);
            }
            else
            {
                merged.Add((low, high));
            }
        }

        return new CharSet([.. merged]);
    }

    internal static CharSet Of(char c) => Of([(c, c)]);

    internal CharSet Not()
    {
        var ranges = new List<(char Low, char High)>();
        int next = 0;
        foreach ((char low, char high) in _ranges)
        {
            if (low > next)
            {
                ranges.Add(((char)next, (char)(low - 1)));
            }

            next = high + 1;
        }

        if (next <= char.MaxValue)
        {
            ranges.Add(((char)next, char.MaxValue));
        }

        return new CharSet([.. ranges]);
    }

    /// <summary>With what equals its characters when case does not matter; null where it holds a long range beyond ASCII, whose cases are not followed here.</summary>
    internal CharSet? WithCases()
    {
        var ranges = new List<(char Low, char High)>(_ranges);
        foreach ((char low, char high) in _ranges)
        {
            if (high > '\u007f' && high - low > MostFollowed)
            {
                return null;
            }

            for (int c = low; c <= high; c++)
            {
                if (c >= 128 || char.IsAsciiLetter((char)c))
                {
                    ranges.AddRange(LetterCases.Of((char)c).Select(same => (same, same)));
                }
            }
        }

        return Of(ranges);
    }

    internal bool Contains(char c)
    {
        int low = 0;
        int high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (c < _ranges[middle].Low)
            {
                high = middle - 1;
            }
            else if (c > _ranges[middle].High)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The character that all in the set fold to, if there is one.</summary>
    internal char? Folded()
    {
        char? one = null;
        foreach ((char low, char high) in _ranges)
        {
            if (high - low > 2)
            {
                return null;
            }

            for (int c = low; c <= high; c++)
            {
                char folded = LetterCases.Fold((char)c);
                if (one is not null && one != folded)
                {
                    return null;
                }

                one = folded;
            }
        }

        return one;
    }

    public bool Equals(CharSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    public override bool Equals(object? obj) => Equals(obj as CharSet);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach ((char low, char high) in _ranges)
        {
            hash.Add(((int)low << 16) | high);
        }

        return hash.ToHashCode();
    }

    private static CharSet Probe(string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        var ranges = new List<(char Low, char High)>();
        Span<char> one = stackalloc char[1];
        for (int c = 0; c <= char.MaxValue; c++)
        {
            one[0] = (char)c;
            if (regex.IsMatch(one))
            {
                ranges.Add(((char)c, (char)c));
            }
        }

        return Of(ranges);
    }
}
