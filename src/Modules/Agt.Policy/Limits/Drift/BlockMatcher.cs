namespace Agt.Policy.Limits.Drift;

/// <summary>
/// How much of two texts is the same, by Ratcliff and Obershelp: the longest block that both have, then the same to the left and to the right of it (spec 08, 5.3). Each longest block is found
/// in linear time with a suffix automaton; the work as a whole is bounded. Kept and used again, by one thread at a time.
/// </summary>
internal sealed class BlockMatcher
{
    /// <summary>The most characters of a text.</summary>
    internal const int LongestText = 4_096;

    private const long MostSteps = 4_000_000;
    private const ushort None = ushort.MaxValue;
    private readonly ushort[] _link = new ushort[2 * LongestText];
    private readonly ushort[] _length = new ushort[2 * LongestText];
    private readonly ushort[] _firstEnd = new ushort[2 * LongestText];
    private readonly ushort[] _edges = new ushort[2 * LongestText];
    private readonly char[] _edgeCharacter = new char[3 * LongestText];
    private readonly ushort[] _edgeTarget = new ushort[3 * LongestText];
    private readonly ushort[] _edgeNext = new ushort[3 * LongestText];
    private readonly Stack<(int FromA, int ToA, int FromB, int ToB)> _rest = new();
    private int _states;
    private int _edgeCount;
    private long _steps;

    /// <summary>Twice the characters in common blocks, over all characters; 1 for two empty texts. Null where finding out would take too long.</summary>
    internal double? Ratio(string a, string b)
    {
        if (a.Length + b.Length == 0 || string.Equals(a, b, StringComparison.Ordinal))
        {
            return 1;
        }

        _steps = 0;
        _rest.Clear();
        _rest.Push((0, a.Length, 0, b.Length));
        int matched = 0;
        while (_rest.TryPop(out (int FromA, int ToA, int FromB, int ToB) part))
        {
            if (part.FromA == part.ToA || part.FromB == part.ToB)
            {
                continue;
            }

            if (_steps > MostSteps)
            {
                return null;
            }

            Build(b.AsSpan(part.FromB, part.ToB - part.FromB));
            (int atA, int atB, int length) = Longest(a.AsSpan(part.FromA, part.ToA - part.FromA));
            if (length == 0)
            {
                continue;
            }

            matched += length;
            _rest.Push((part.FromA, part.FromA + atA, part.FromB, part.FromB + atB));
            _rest.Push((part.FromA + atA + length, part.ToA, part.FromB + atB + length, part.ToB));
        }

        return 2.0 * matched / (a.Length + b.Length);
    }

    /// <summary>The longest block of a text that the automaton knows; of several the first, in the text and then in the other.</summary>
    private (int AtA, int AtB, int Length) Longest(ReadOnlySpan<char> text)
    {
        int state = 0, length = 0, best = 0, atA = 0, atB = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int edge = Edge(state, text[i]);
            while (edge < 0 && state != 0)
            {
                state = _link[state];
                length = _length[state];
                edge = Edge(state, text[i]);
            }

            if (edge < 0)
            {
                continue;
            }

            state = _edgeTarget[edge];
            length++;
            if (length > best)
            {
                (best, atA, atB) = (length, i - length + 1, _firstEnd[state] - length + 1);
            }
        }

        return (atA, atB, best);
    }

    /// <summary>The suffix automaton of a text (Blumer and others): its states are the substrings that end at the same places, each with the first of these places.</summary>
    private void Build(ReadOnlySpan<char> text)
    {
        _edgeCount = 0;
        _states = 0;
        int last = NewState(0, None, 0);
        for (int i = 0; i < text.Length; i++)
        {
            last = Extend(last, text[i], i);
        }
    }

    private int Extend(int last, char c, int at)
    {
        int current = NewState(_length[last] + 1, 0, at);
        int state = last;
        int edge;
        while ((edge = Edge(state, c)) < 0)
        {
            AddEdge(state, c, current);
            if (state == 0)
            {
                return current;
            }

            state = _link[state];
        }

        int next = _edgeTarget[edge];
        if (_length[next] == _length[state] + 1)
        {
            _link[current] = (ushort)next;
            return current;
        }

        int clone = NewState(_length[state] + 1, _link[next], _firstEnd[next]);
        for (int i = _edges[next]; i != None; i = _edgeNext[i])
        {
            AddEdge(clone, _edgeCharacter[i], _edgeTarget[i]);
        }

        while (true)
        {
            edge = Edge(state, c);
            if (edge < 0 || _edgeTarget[edge] != next)
            {
                break;
            }

            _edgeTarget[edge] = (ushort)clone;
            if (state == 0)
            {
                break;
            }

            state = _link[state];
        }

        _link[next] = (ushort)clone;
        _link[current] = (ushort)clone;
        return current;
    }

    private int NewState(int length, int link, int firstEnd)
    {
        int state = _states++;
        _length[state] = (ushort)length;
        _link[state] = (ushort)link;
        _firstEnd[state] = (ushort)firstEnd;
        _edges[state] = None;
        return state;
    }

    private void AddEdge(int from, char c, int to)
    {
        int edge = _edgeCount++;
        (_edgeCharacter[edge], _edgeTarget[edge], _edgeNext[edge]) = (c, (ushort)to, _edges[from]);
        _edges[from] = (ushort)edge;
    }

    private int Edge(int state, char c)
    {
        for (int edge = _edges[state]; edge != None; edge = _edgeNext[edge])
        {
            _steps++;
            if (_edgeCharacter[edge] == c)
            {
                return edge;
            }
        }

        _steps++;
        return -1;
    }
}
