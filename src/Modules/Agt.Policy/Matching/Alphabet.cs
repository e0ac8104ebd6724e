namespace Agt.Policy.Matching;

/// <summary>The characters that an automaton cannot tell apart, as numbered classes. Immutable and thread-safe.</summary>
internal sealed class Alphabet
{
    private readonly ushort[] _ascii = new ushort[128];
    private readonly char[] _starts;
    private readonly ushort[] _classes;
    private readonly char[] _representatives;

    internal Alphabet(Automaton automaton)
    {
        List<CharSet> sets = [.. automaton.Nodes.Where(node => node.Set is not null).Select(node => node.Set!).Distinct()];
        if (automaton.HasAnchors)
        {
            sets.Add(CharSet.Boundary);
            sets.Add(CharSet.NewLine);
        }

        var borders = new SortedSet<int> { 0, 128 };
        foreach ((char low, char high) in sets.SelectMany(set => set.Ranges))
        {
            borders.Add(low);
            borders.Add(high + 1);
        }

        borders.Remove(char.MaxValue + 1);
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var representatives = new List<char>();
        _starts = [.. borders.Select(border => (char)border)];
        _classes = new ushort[_starts.Length];
        char[] signature = new char[sets.Count];
        for (int i = 0; i < _starts.Length; i++)
        {
            for (int k = 0; k < sets.Count; k++)
            {
                signature[k] = sets[k].Contains(_starts[i]) ? '1' : '0';
            }

            string key = new(signature);
            if (!known.TryGetValue(key, out ushort number))
            {
                known.Add(key, number = checked((ushort)known.Count));
                representatives.Add(_starts[i]);
            }

            _classes[i] = number;
        }

        _representatives = [.. representatives];
        for (char c = '\0'; c < 128; c++)
        {
            _ascii[c] = Find(c);
        }
    }

    /// <summary>The classes of ASCII characters.</summary>
    internal ReadOnlySpan<ushort> Ascii => _ascii;

    internal int Count => _representatives.Length;

    internal int ClassOf(char c) => c < 128 ? _ascii[c] : Find(c);

    /// <summary>A character of the class.</summary>
    internal char Representative(int number) => _representatives[number];

    private ushort Find(char c)
    {
        int at = Array.BinarySearch(_starts, c);
        return _classes[at >= 0 ? at : ~at - 1];
    }
}
