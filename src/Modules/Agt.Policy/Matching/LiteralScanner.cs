namespace Agt.Policy.Matching;

/// <summary>Finds many texts in one pass (Aho and Corasick 1975), with folded characters. Immutable and thread-safe.</summary>
internal sealed class LiteralScanner
{
    private readonly ushort[] _ascii = new ushort[128];
    private readonly Dictionary<char, ushort> _others = [];
    private readonly int _classes;
    private readonly int[] _next;
    private readonly int[]?[] _found;

    private LiteralScanner(IReadOnlyList<(string Text, int Id)> texts)
    {
        _classes = 1;
        foreach (char c in texts.SelectMany(text => text.Text).Distinct())
        {
            ushort number = checked((ushort)_classes++);
            if (c < 128)
            {
                _ascii[c] = number;
            }
            else
            {
                _others[c] = number;
            }
        }

        for (char c = 'A'; c <= 'Z'; c++)
        {
            _ascii[c] = _ascii[c + 32];
        }

        foreach (char folded in texts.SelectMany(text => text.Text).Distinct().ToArray())
        {
            foreach (char c in LetterCases.FoldingTo(folded).Where(c => c >= 128))
            {
                _others[c] = (ushort)ClassOf(folded);
            }
        }

        var next = new List<int[]> { NewRow() };
        var found = new List<SortedSet<int>> { new() };
        foreach ((string text, int id) in texts)
        {
            int state = 0;
            foreach (char c in text)
            {
                ref int to = ref next[state][ClassOf(c)];
                if (to < 0)
                {
                    to = next.Count;
                    next.Add(NewRow());
                    found.Add([]);
                }

                state = next[state][ClassOf(c)];
            }

            found[state].Add(id);
        }

        Complete(next, found);
        _next = new int[next.Count * _classes];
        _found = new int[]?[next.Count];
        for (int state = 0; state < next.Count; state++)
        {
            next[state].CopyTo(_next, state * _classes);
            _found[state] = found[state].Count > 0 ? [.. found[state]] : null;
        }
    }

    /// <summary>Builds a scanner; null if the texts have more than 2,000 different characters.</summary>
    internal static LiteralScanner? TryCreate(IReadOnlyList<(string Text, int Id)> texts) =>
        texts.SelectMany(text => text.Text).Distinct().Count() > 2_000 ? null : new LiteralScanner(texts);

    /// <summary>Sets a bit for the id of every text that is there.</summary>
    internal void Scan(ReadOnlySpan<char> text, Span<ulong> bits)
    {
        int state = 0;
        foreach (char c in text)
        {
            int number = c < 128 ? _ascii[c] : _others.GetValueOrDefault(c);
            state = _next[(state * _classes) + number];
            if (_found[state] is { } ids)
            {
                foreach (int id in ids)
                {
                    bits[id >> 6] |= 1UL << id;
                }
            }
        }
    }

    private int ClassOf(char c) => c < 128 ? _ascii[c] : _others[c];

    private int[] NewRow()
    {
        int[] row = new int[_classes];
        Array.Fill(row, -1);
        return row;
    }

    /// <summary>Fills in where to go when a text does not go on: to the longest ending that begins another.</summary>
    private void Complete(List<int[]> next, List<SortedSet<int>> found)
    {
        int[] fallback = new int[next.Count];
        var queue = new Queue<int>();
        for (int c = 0; c < _classes; c++)
        {
            if (next[0][c] < 0)
            {
                next[0][c] = 0;
            }
            else
            {
                queue.Enqueue(next[0][c]);
            }
        }

        while (queue.TryDequeue(out int state))
        {
            found[state].UnionWith(found[fallback[state]]);
            for (int c = 0; c < _classes; c++)
            {
                int to = next[state][c];
                if (to < 0)
                {
                    next[state][c] = next[fallback[state]][c];
                }
                else
                {
                    fallback[to] = next[fallback[state]][c];
                    queue.Enqueue(to);
                }
            }
        }
    }
}
