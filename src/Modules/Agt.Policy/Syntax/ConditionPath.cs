using System.Globalization;
using System.Text;

namespace Agt.Policy.Syntax;

/// <summary>A path as written: a root name, then members and indexes. Compared by its parts.</summary>
internal sealed class ConditionPath : IEquatable<ConditionPath>
{
    private string? _text;

    internal ConditionPath(string root, PathSegment[] segments)
    {
        Root = root;
        Segments = segments;
    }

    internal string Root { get; }

    internal PathSegment[] Segments { get; }

    /// <summary>The attribute that <c>session.NAME</c> reads; set once, while the document is loaded. The documents of a set declare a name alike, so it is no part of equality.</summary>
    internal SessionAttributeDefinition? Attribute { get; set; }

    /// <summary>The path as one dotted name, where it has no index.</summary>
    internal string? DottedText => Array.TrueForAll(Segments, segment => segment.Name is not null)
        ? Segments.Length == 0 ? Root : Root + "." + string.Join('.', Segments.Select(segment => segment.Name))
        : null;

    public bool Equals(ConditionPath? other) => other is not null && Root == other.Root && Segments.AsSpan().SequenceEqual(other.Segments);

    public override bool Equals(object? obj) => Equals(obj as ConditionPath);

    public override int GetHashCode()
    {
        int hash = Root.GetHashCode(StringComparison.Ordinal);
        foreach (PathSegment segment in Segments)
        {
            hash = HashCode.Combine(hash, segment);
        }

        return hash;
    }

    public override string ToString() => _text ??= Print();

    private string Print()
    {
        var text = new StringBuilder(Root);
        foreach (PathSegment segment in Segments)
        {
            if (segment.Name is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{segment.Index}]");
            }
            else if (Lexer.IsIdentifier(segment.Name))
            {
                text.Append('.').Append(segment.Name);
            }
            else
            {
                text.Append('[');
                ConditionPrinter.Quote(text, segment.Name);
                text.Append(']');
            }
        }

        return text.ToString();
    }
}

/// <summary>A member (name) or an item (index, -1 for members).</summary>
internal readonly record struct PathSegment(string? Name, int Index);
