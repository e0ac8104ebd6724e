namespace Agt.Policy.Matching;

/// <summary>A pattern taken apart.</summary>
internal abstract record PatternTree;

/// <summary>One of a set of characters.</summary>
internal sealed record OneOf(CharSet Set) : PatternTree;

/// <summary>One after the other; nothing if empty.</summary>
internal sealed record Sequence(IReadOnlyList<PatternTree> Parts) : PatternTree;

/// <summary>One or the other.</summary>
internal sealed record Choice(IReadOnlyList<PatternTree> Parts) : PatternTree;

/// <summary>Again and again; no upper bound if <paramref name="Most"/> is below 0.</summary>
internal sealed record Repeat(PatternTree Part, int Least, int Most) : PatternTree;

/// <summary>Something that must hold at a place.</summary>
internal sealed record Anchor(AnchorKind Kind) : PatternTree;

internal enum AnchorKind : byte
{
    /// <summary><c>\A</c>, and <c>^</c> without the flag m.</summary>
    Begin,

    /// <summary><c>\z</c>.</summary>
    End,

    /// <summary><c>\Z</c>, and <c>$</c> without the flag m: the end, or before a line feed that ends the text.</summary>
    EndOrLastLine,

    /// <summary><c>^</c> with the flag m.</summary>
    LineBegin,

    /// <summary><c>$</c> with the flag m.</summary>
    LineEnd,

    /// <summary><c>\b</c>.</summary>
    WordBoundary,

    /// <summary><c>\B</c>.</summary>
    NoWordBoundary,
}
