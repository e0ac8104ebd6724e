using System.Text.RegularExpressions;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>The patterns of one policy, in order. Immutable and thread-safe; time is linear in the text for each pattern.</summary>
internal sealed class PatternMatcher
{
    internal const int MaxPatterns = 1_000;
    private const RegexOptions Flavour = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase;
    private readonly Lazy<Regex>?[] _regexes;

    /// <summary>Reads and checks patterns.</summary>
    /// <exception cref="ArgumentException">One is empty, too long, malformed, or not to be matched in linear time; the message names its index.</exception>
    internal PatternMatcher(IEnumerable<BlockedPattern> patterns)
    {
        Patterns = [.. patterns];
        if (Patterns.Length > MaxPatterns)
        {
            throw new ArgumentException($"blocked_patterns has {Patterns.Length} items; at most {MaxPatterns} are taken.");
        }

        var cache = new PatternCache();
        _regexes = new Lazy<Regex>?[Patterns.Length];
        for (int i = 0; i < Patterns.Length; i++)
        {
            _regexes[i] = Check(Patterns[i], i, cache);
        }
    }

    internal BlockedPattern[] Patterns { get; }

    /// <summary>All patterns that a text matches, in order.</summary>
    internal IReadOnlyList<BlockedPattern> Matches(string text)
    {
        if (Patterns.Length == 0)
        {
            return [];
        }

        var found = new List<BlockedPattern>();
        for (int i = 0; i < Patterns.Length; i++)
        {
            if (IsMatch(i, text))
            {
                found.Add(Patterns[i]);
            }
        }

        return found;
    }

    /// <summary>All patterns that the JSON text of a value matches, or one of the texts in it.</summary>
    internal IReadOnlyList<BlockedPattern> Matches(GovernedValue value)
    {
        if (Patterns.Length == 0 || value.IsAbsentOrNull)
        {
            return [];
        }

        var found = new List<BlockedPattern>();
        List<string> texts = Texts(value);
        for (int i = 0; i < Patterns.Length; i++)
        {
            int pattern = i;
            if (texts.Exists(text => IsMatch(pattern, text)))
            {
                found.Add(Patterns[i]);
            }
        }

        return found;
    }

    private static List<string> Texts(GovernedValue value)
    {
        var texts = new List<string>();
        if (value.AsString() is { } alone)
        {
            texts.Add(alone);
            return texts;
        }

        texts.Add(JsonText.Of(value));
        var rest = new Stack<GovernedValue>();
        rest.Push(value);
        while (rest.TryPop(out GovernedValue next))
        {
            if (next.AsString() is { } leaf)
            {
                texts.Add(leaf);
            }
            else if (next.Kind == ValueKind.Map)
            {
                for (int i = 0; i < next.Count; i++)
                {
                    rest.Push(next.MemberAt(i).Value);
                }
            }
            else
            {
                for (int i = 0; i < next.Count; i++)
                {
                    rest.Push(next[i]);
                }
            }
        }

        return texts;
    }

    private static Lazy<Regex>? Check(BlockedPattern? pattern, int index, PatternCache cache)
    {
        if (pattern is null || string.IsNullOrEmpty(pattern.Text) || pattern.Text.Length > ConditionLimits.Default.MaxPatternLength || !GovernancePolicyFormat.IsWellFormed(pattern.Text))
        {
            throw new ArgumentException($"blocked_patterns[{index}] must have 1 to {ConditionLimits.Default.MaxPatternLength} characters, all of them whole.");
        }

        if (pattern.Kind == BlockedPatternKind.Substring)
        {
            return null;
        }

        if (pattern.Kind is not (BlockedPatternKind.Regex or BlockedPatternKind.Glob))
        {
            throw new ArgumentException($"blocked_patterns[{index}] has an unknown kind.");
        }

        bool glob = pattern.Kind == BlockedPatternKind.Glob;
        try
        {
            string translated = cache.Get(-1, pattern.Text, glob).Translated;
            return new Lazy<Regex>(() => new Regex(translated, glob ? Flavour | RegexOptions.Singleline : Flavour));
        }
        catch (ConditionException exception)
        {
            throw new ArgumentException($"blocked_patterns[{index}]: invalid {(glob ? "glob" : "regex")}: {exception.Message} {exception.Fix}", exception);
        }
    }

    private bool IsMatch(int index, string text) => _regexes[index]?.Value.IsMatch(text) ?? text.Contains(Patterns[index].Text, StringComparison.OrdinalIgnoreCase);
}
