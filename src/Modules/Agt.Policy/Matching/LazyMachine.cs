using System.Runtime.InteropServices;

namespace Agt.Policy.Matching;

/// <summary>
/// Runs an automaton over a text in one pass and says which patterns are found anywhere in it. What it has worked out for a set of states and a kind of character it remembers, up to a
/// bound, and forgets all when the bound is reached: time is linear in the text, and memory bounded, whatever the text. Thread-safe.
/// </summary>
internal sealed class LazyMachine
{
    private const int MostStates = 4_096;
    private const int MostCells = 2_000_000;
    private readonly Automaton _automaton;
    private readonly Alphabet _alphabet;
    private readonly int _mostStates;
    private readonly Lock _gate = new();
    private Memory _memory;

    internal LazyMachine(Automaton automaton)
    {
        _automaton = automaton;
        _alphabet = new Alphabet(automaton);
        _mostStates = Math.Clamp(MostCells / (_alphabet.Count + 2), 16, MostStates);
        _memory = new Memory(_alphabet.Count + 2);
    }

    /// <summary>Sets a bit for each pattern that is found.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bits">Where; the number of a pattern is that of its bit.</param>
    /// <param name="onlyOne">Whether to stop at the first.</param>
    /// <returns>Whether any is found.</returns>
    internal bool Scan(ReadOnlySpan<char> text, Span<ulong> bits, bool onlyOne)
    {
        Memory memory = Volatile.Read(ref _memory);
        State state = memory.Start;
        ReadOnlySpan<ushort> ascii = _alphabet.Ascii;
        bool any = false;

        // The last character, if it is a line feed, and the end are kinds of their own.
        int plain = text.Length > 0 && text[^1] == '\n' ? text.Length - 1 : text.Length;
        for (int i = 0; i < text.Length + 1; i++)
        {
            int kind;
            if (i < plain)
            {
                char c = text[i];
                kind = c < ascii.Length ? ascii[c] : _alphabet.ClassOf(c);
            }
            else
            {
                kind = i == text.Length ? _alphabet.Count + 1 : _alphabet.Count;
            }

            // Next before Found: what is found was written first.
            ref Cell cell = ref state.Cells[kind];
            State? next = Volatile.Read(ref cell.Next);
            int[]? found = cell.Found;
            if (next is null)
            {
                Cell worked = Work(ref memory, ref state, kind);
                next = worked.Next;
                found = worked.Found;
            }

            if (found is not null)
            {
                any = true;
                foreach (int id in found)
                {
                    bits[id >> 6] |= 1UL << id;
                }

                if (onlyOne)
                {
                    return true;
                }
            }

            state = next!;
        }

        return any;
    }

    /// <summary>Works out one step. Starts afresh when there is no room for another state; others may go on with the old ones, which are not changed any more.</summary>
    private Cell Work(ref Memory memory, ref State state, int kind)
    {
        lock (_gate)
        {
            if (state.Cells[kind].Next is not null)
            {
                return state.Cells[kind];
            }

            if (_memory.Count >= _mostStates)
            {
                Volatile.Write(ref _memory, new Memory(_alphabet.Count + 2));
            }

            if (!ReferenceEquals(memory, _memory))
            {
                memory = _memory;
                state = memory.Get(state.Key);
                if (state.Cells[kind].Next is not null)
                {
                    return state.Cells[kind];
                }
            }

            (StateKey key, int[]? found) = Step(state.Key, kind);
            State next = memory.Get(key);

            // Readers look at Next first: it is published last, and with it what was written before.
            state.Cells[kind].Found = found;
            Volatile.Write(ref state.Cells[kind].Next, next);
            return state.Cells[kind];
        }
    }

    private (StateKey Next, int[]? Found) Step(StateKey key, int kind)
    {
        bool atEnd = kind == _alphabet.Count + 1;
        bool lastLine = kind == _alphabet.Count;
        char c = lastLine ? '\n' : atEnd ? '\0' : _alphabet.Representative(kind);
        bool isWord = !atEnd && _automaton.HasAnchors && CharSet.Boundary.Contains(c);
        var seen = new HashSet<int>();
        var pending = new Stack<int>(key.Nodes);
        foreach (int start in _automaton.Starts)
        {
            pending.Push(start);
        }

        var next = new SortedSet<int>();
        List<int>? found = null;
        while (pending.TryPop(out int at))
        {
            if (!seen.Add(at))
            {
                continue;
            }

            Automaton.Node node = _automaton.Nodes[at];
            switch (node.Kind)
            {
                case Automaton.NodeKind.Split:
                    pending.Push(node.Next);
                    pending.Push(node.Other);
                    break;
                case Automaton.NodeKind.Anchor:
                    if (Holds((AnchorKind)node.Argument, key.Before, atEnd, lastLine, c, isWord))
                    {
                        pending.Push(node.Next);
                    }

                    break;
                case Automaton.NodeKind.Match:
                    (found ??= []).Add(node.Argument);
                    break;
                default:
                    if (!atEnd && node.Set!.Contains(c))
                    {
                        next.Add(node.Next);
                    }

                    break;
            }
        }

        Before before = !_automaton.HasAnchors ? Before.Start : c == '\n' ? Before.NewLine : isWord ? Before.Word : Before.Other;
        return (new StateKey([.. next], before), found is null ? null : [.. found.Distinct()]);
    }

    private static bool Holds(AnchorKind kind, Before before, bool atEnd, bool lastLine, char c, bool isWord) => kind switch
    {
        AnchorKind.Begin => before == Before.Start,
        AnchorKind.End => atEnd,
        AnchorKind.EndOrLastLine => atEnd || lastLine,
        AnchorKind.LineBegin => before is Before.Start or Before.NewLine,
        AnchorKind.LineEnd => atEnd || c == '\n',
        AnchorKind.WordBoundary => before == Before.Word != isWord,
        _ => before == Before.Word == isWord,
    };

    private enum Before : byte
    {
        Start,
        Word,
        Other,
        NewLine,
    }

    /// <summary>Where the automaton can be, before what takes no character is followed, and what came before.</summary>
    private readonly struct StateKey(int[] nodes, Before before) : IEquatable<StateKey>
    {
        internal int[] Nodes => nodes;

        internal Before Before => before;

        public bool Equals(StateKey other) => before == other.Before && nodes.AsSpan().SequenceEqual(other.Nodes);

        public override bool Equals(object? obj) => obj is StateKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(nodes.AsSpan()));
            hash.Add(before);
            return hash.ToHashCode();
        }
    }

    private sealed class State(StateKey key, int width)
    {
        internal StateKey Key => key;

        internal Cell[] Cells { get; } = new Cell[width];
    }

    /// <summary>Where a kind of character leads from a state, null if that is not known yet, and the patterns that are found by then.</summary>
    private struct Cell
    {
        internal State? Next;
        internal int[]? Found;
    }

    private sealed class Memory
    {
        private readonly int _width;
        private readonly Dictionary<StateKey, State> _states = [];

        internal Memory(int width)
        {
            _width = width;
            Start = Get(new StateKey([], Before.Start));
        }

        internal State Start { get; }

        internal int Count => _states.Count;

        internal State Get(StateKey key)
        {
            if (!_states.TryGetValue(key, out State? state))
            {
                _states.Add(key, state = new State(key, _width));
            }

            return state;
        }
    }
}
