using System.Globalization;
using System.Text;

namespace Agt.Policy.Syntax;

/// <summary>A path as written: a root name, then members and indexes. Compared by its normal form.</summary>
internal sealed class ConditionPath : IEquatable<ConditionPath>
{
    private readonly string _normal;

    internal ConditionPath(string root, PathSegment[] segments)
    {
        Root = root;
        Segments = segments;
        _normal = Print();
        DottedText = Array.TrueForAll(segments, segment => segment.Name is not null)
            ? segments.Length == 0 ? root : root + "." + string.Join('.', segments.Select(segment => segment.Name))
            : null;
    }

    internal string Root { get; }

    internal PathSegment[] Segments { get; }

    /// <summary>The path as one dotted name, where it has no index.</summary>
    internal string? DottedText { get; }

    public bool Equals(ConditionPath? other) => other is not null && _normal == other._normal;

    public override bool Equals(object? obj) => Equals(obj as ConditionPath);

    public override int GetHashCode() => _normal.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _normal;

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
