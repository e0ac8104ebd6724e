using System.Buffers;
using System.Text.RegularExpressions;
using Agt.Policy.Syntax;

namespace Agt.Policy.Matching;

/// <summary>
/// Many patterns that are searched for in one text: one pass finds which can match at all, and only those are looked at. A pattern takes microseconds to be made ready, and is when it is
/// first needed. Thread-safe.
/// </summary>
internal sealed class PatternSet
{
    private readonly TextPattern[] _patterns;
    private readonly Dictionary<TextPattern, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly PatternTree?[] _trees;
    private readonly LazyMachine?[] _machines;
    private readonly LiteralScanner? _scanner;
    private readonly LazyMachine? _together;
    private readonly int[] _alone;
    private readonly int[]?[] _groups;
    private readonly int[] _scanned;
    private readonly int _groupWords;

    internal PatternSet(IEnumerable<TextPattern> patterns)
    {
        _patterns = [.. patterns.Distinct(ReferenceEqualityComparer.Instance).Cast<TextPattern>()];
        _trees = new PatternTree?[_patterns.Length];
        _machines = new LazyMachine?[_patterns.Length];
        Words = (_patterns.Length + 63) / 64;
        _groups = new int[]?[_patterns.Length];
        var scanned = new List<int>();
        int groupCount = 0;
        var texts = new List<(string Text, int Id)>();
        var together = new Automaton();
        var alone = new List<int>();
        for (int i = 0; i < _patterns.Length; i++)
        {
            _numbers[_patterns[i]] = i;
            PatternTree? tree = PatternReader.Read(_patterns[i].Translated, _patterns[i].IsGlob);
            bool fits = tree is not null && new Automaton().TryAdd(tree, i);
            _trees[i] = fits ? tree : null;
            if (tree is not null && RequiredLiterals.Of(tree) is { } groups)
            {
                int first = groupCount;
                groupCount += groups.Count;
                for (int k = 0; k < groups.Count; k++)
                {
                    texts.AddRange(groups[k].Select(text => (text, first + k)));
                }

                _groups[i] = [.. Enumerable.Range(first, groups.Count)];
                scanned.Add(i);
            }
            else if (fits && together.Nodes.Count < Automaton.MaxStates && together.TryAdd(tree!, i))
            {
                // Searched for in one pass with the others that have no text of their own.
            }
            else
            {
                alone.Add(i);
            }
        }

        _scanner = LiteralScanner.TryCreate(texts);
        _together = together.Starts.Count > 0 ? new LazyMachine(together) : null;
        _alone = [.. alone];
        _scanned = [.. scanned];
        _groupWords = (groupCount + 63) / 64;
    }

    /// <summary>How many numbers hold a bit for each pattern.</summary>
    internal int Words { get; }

    internal int Count => _patterns.Length;

    /// <summary>Patterns that the platform's engine matches.</summary>
    internal IEnumerable<TextPattern> LeftToPlatform => _patterns.Where((_, i) => _trees[i] is null);

    internal bool TryGetNumber(TextPattern pattern, out int number) => _numbers.TryGetValue(pattern, out number);

    /// <summary>Sets a bit for each pattern that is found in the text.</summary>
    /// <exception cref="NotSupportedException">A pattern cannot be matched in linear time after all.</exception>
    internal void Match(ReadOnlySpan<char> text, Span<ulong> found)
    {
        found.Clear();
        ulong[] there = ArrayPool<ulong>.Shared.Rent(Math.Max(1, _groupWords));
        try
        {
            Array.Clear(there, 0, _groupWords);
            _scanner?.Scan(text, there);
            foreach (int i in _scanned)
            {
                if (_scanner is null || HasAll(_groups[i]!, there))
                {
                    MatchOne(i, text, found);
                }
            }

            _together?.Scan(text, found, onlyOne: false);
            foreach (int i in _alone)
            {
                MatchOne(i, text, found);
            }
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(there);
        }
    }

    private static bool HasAll(int[] groups, ulong[] there)
    {
        foreach (int group in groups)
        {
            if ((there[group >> 6] & (1UL << group)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private void MatchOne(int i, ReadOnlySpan<char> text, Span<ulong> found)
    {
        if (_trees[i] is { } tree)
        {
            MachineOf(i, tree).Scan(text, found, onlyOne: true);
            return;
        }

        Regex regex = _patterns[i].Regex;
        if (regex.IsMatch(text))
        {
            found[i >> 6] |= 1UL << i;
        }
    }

    private LazyMachine MachineOf(int i, PatternTree tree)
    {
        if (Volatile.Read(ref _machines[i]) is { } known)
        {
            return known;
        }

        var automaton = new Automaton();
        if (!automaton.TryAdd(tree, i))
        {
            throw new InvalidOperationException("A pattern that fitted before does not.");
        }

        var made = new LazyMachine(automaton);
        return Interlocked.CompareExchange(ref _machines[i], made, null) ?? made;
    }
}
