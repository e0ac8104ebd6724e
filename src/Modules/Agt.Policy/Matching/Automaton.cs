namespace Agt.Policy.Matching;

/// <summary>The non-deterministic automaton of one or more patterns (Thompson 1968). Immutable.</summary>
internal sealed class Automaton
{
    /// <summary>States of one pattern; a pattern that needs more is left to the platform's engine.</summary>
    internal const int MaxStates = 4_000;

    private readonly List<Node> _nodes = [];

    internal IReadOnlyList<Node> Nodes => _nodes;

    internal List<int> Starts { get; } = [];

    internal bool HasAnchors { get; private set; }

    /// <summary>Adds a pattern; false if it is too large.</summary>
    internal bool TryAdd(PatternTree tree, int id)
    {
        int before = _nodes.Count;
        int match = Add(new Node(NodeKind.Match, id, 0, 0, null));
        if (!TryBuild(tree, match, before, out int start))
        {
            return false;
        }

        Starts.Add(start);
        return true;
    }

    private int Add(Node node)
    {
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    /// <summary>Builds a part in front of what follows it.</summary>
    private bool TryBuild(PatternTree tree, int next, int first, out int start)
    {
        start = next;
        if (_nodes.Count - first > MaxStates)
        {
            return false;
        }

        switch (tree)
        {
            case OneOf one:
                start = Add(new Node(NodeKind.Char, 0, next, 0, one.Set));
                return true;
            case Anchor anchor:
                HasAnchors = true;
                start = Add(new Node(NodeKind.Anchor, (int)anchor.Kind, next, 0, null));
                return true;
            case Sequence sequence:
                for (int i = sequence.Parts.Count - 1; i >= 0; i--)
                {
                    if (!TryBuild(sequence.Parts[i], start, first, out start))
                    {
                        return false;
                    }
                }

                return true;
            case Choice choice:
                if (!TryBuild(choice.Parts[^1], next, first, out start))
                {
                    return false;
                }

                for (int i = choice.Parts.Count - 2; i >= 0; i--)
                {
                    if (!TryBuild(choice.Parts[i], next, first, out int other))
                    {
                        return false;
                    }

                    start = Add(new Node(NodeKind.Split, 0, other, start, null));
                }

                return true;
            case Repeat repeat:
                return TryBuildRepeat(repeat, next, first, out start);
            default:
                return false;
        }
    }

    private bool TryBuildRepeat(Repeat repeat, int next, int first, out int start)
    {
        start = next;
        if (repeat.Most < 0)
        {
            int loop = Add(new Node(NodeKind.Split, 0, 0, next, null));
            if (!TryBuild(repeat.Part, loop, first, out int body))
            {
                return false;
            }

            _nodes[loop] = new Node(NodeKind.Split, 0, body, next, null);
            start = loop;
        }
        else
        {
            for (int i = repeat.Least; i < repeat.Most; i++)
            {
                if (!TryBuild(repeat.Part, start, first, out int body))
                {
                    return false;
                }

                start = Add(new Node(NodeKind.Split, 0, body, next, null));
            }
        }

        for (int i = 0; i < repeat.Least; i++)
        {
            if (!TryBuild(repeat.Part, start, first, out start))
            {
                return false;
            }
        }

        return _nodes.Count - first <= MaxStates;
    }

    internal enum NodeKind : byte
    {
        Char,
        Split,
        Anchor,
        Match,
    }

    internal readonly record struct Node(NodeKind Kind, int Argument, int Next, int Other, CharSet? Set);
}
