using System.Globalization;

namespace Agt;

/// <summary>
/// Where a patch aims: <c>args</c> or <c>output</c>, then members and indexes, as in <c>args.to[0].address</c>. Names with other characters are quoted:
/// <c>args["a.b"]</c>. Immutable.
/// </summary>
public sealed class PatchPath
{
    private const int MaxLength = 1_024;
    private const int MaxSegments = 64;
    private readonly Segment[] _segments;

    private PatchPath(string text, bool isOutput, Segment[] segments)
    {
        Text = text;
        IsOutput = isOutput;
        _segments = segments;
    }

    /// <summary>The path as written.</summary>
    public string Text { get; }

    /// <summary>True for <c>output</c>, false for <c>args</c>.</summary>
    public bool IsOutput { get; }

    /// <summary>How many members and indexes follow the root.</summary>
    public int Length => _segments.Length;

    internal ReadOnlySpan<Segment> Segments => _segments;

    /// <summary>Reads a path.</summary>
    /// <exception cref="FormatException">The path is malformed, or begins with neither <c>args</c> nor <c>output</c>.</exception>
    public static PatchPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
        {
            throw new FormatException($"A path has at most {MaxLength} characters.");
        }

        int at = 0;
        string root = ReadName(text, ref at);
        if (root is not ("args" or "output"))
        {
            throw new FormatException("A path begins with 'args' or 'output'.");
        }

        var segments = new List<Segment>();
        while (at < text.Length)
        {
            segments.Add(text[at] switch
            {
                '.' => new Segment(ReadAfterDot(text, ref at), -1),
                '[' => ReadBracket(text, ref at),
                _ => throw new FormatException($"Unexpected '{text[at]}' at position {at + 1} of the path."),
            });
            if (segments.Count > MaxSegments)
            {
                throw new FormatException($"A path has at most {MaxSegments} parts.");
            }
        }

        return new PatchPath(text, root == "output", [.. segments]);
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    private static string ReadAfterDot(string text, ref int at)
    {
        at++;
        return ReadName(text, ref at);
    }

    private static string ReadName(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && text[at] is not ('.' or '[' or ']' or '"'))
        {
            at++;
        }

        return at > start ? text[start..at] : throw new FormatException($"A name is missing at position {start + 1} of the path.");
    }

    private static Segment ReadBracket(string text, ref int at)
    {
        int start = ++at;
        if (at < text.Length && text[at] == '"')
        {
            int end = text.IndexOf("\"]", at + 1, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new FormatException($"A quoted name at position {start + 1} of the path is not closed.");
            }

            at = end + 2;
            return new Segment(text[(start + 1)..end], -1);
        }

        int close = text.IndexOf(']', at);
        if (close < 0 || !int.TryParse(text.AsSpan(at, close - at), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            throw new FormatException($"An index is missing at position {start + 1} of the path.");
        }

        at = close + 1;
        return new Segment(null, index);
    }

    internal readonly record struct Segment(string? Name, int Index);
}
