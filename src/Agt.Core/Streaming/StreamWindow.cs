using System.Buffers;
using System.Text;
using Agt.Values;

namespace Agt.Streaming;

/// <summary>
/// Lets a text out while it grows, and never a character of a blocked one: the last characters are held back, as many as the longest blocked text could still have begun in (spec 08,
/// 5.5). Not thread-safe; one a stream.
/// </summary>
internal sealed class StreamWindow
{
    internal const int DefaultMinHold = 64;
    internal const int DefaultStep = 256;

    /// <summary>A blocked text as long as this is nothing that a window serves for.</summary>
    internal const int LongestLiteral = 4_096;
    private readonly SearchValues<string> _literals;
    private readonly StringBuilder _pending = new();
    private readonly int _hold;
    private readonly int _step;
    private int _unseen;

    /// <param name="literals">The blocked texts, none of them empty or longer than <see cref="LongestLiteral"/>.</param>
    /// <param name="minHold">The fewest characters to hold back.</param>
    /// <param name="step">How many new characters there are at least before the text is searched again.</param>
    internal StreamWindow(IReadOnlyList<string> literals, int minHold = DefaultMinHold, int step = DefaultStep)
    {
        _literals = SearchValues.Create([.. literals], StringComparison.OrdinalIgnoreCase);
        _hold = Math.Max(minHold, literals.Count == 0 ? 0 : literals.Max(literal => literal.Length) - 1);
        _step = step;
    }

    /// <summary>Takes more text.</summary>
    /// <param name="text">What came.</param>
    /// <param name="released">How many characters more may go out now.</param>
    /// <returns>False if a blocked text is in it: nothing more may go out.</returns>
    internal bool TryAppend(string text, out int released)
    {
        _pending.Append(text);
        _unseen += text.Length;
        released = 0;
        if (_unseen < _step)
        {
            return true;
        }

        string pending = _pending.ToString();
        _unseen = 0;
        if (IsBlocked(pending))
        {
            return false;
        }

        released = Math.Max(0, pending.Length - _hold);
        if (released > 0 && char.IsHighSurrogate(pending[released - 1]))
        {
            // Half a character is no text.
            released--;
        }

        _pending.Remove(0, released);
        return true;
    }

    /// <summary>The text is whole.</summary>
    /// <param name="released">How many characters more may go out now: all that are left.</param>
    /// <returns>False if a blocked text is in what is left.</returns>
    internal bool TryComplete(out int released)
    {
        released = _pending.Length;
        return !IsBlocked(_pending.ToString());
    }

    /// <summary>Whether a text, or a name or text anywhere in a value, holds a blocked one.</summary>
    internal bool IsBlocked(GovernedValue value)
    {
        if (value.TryGetText(out ReadOnlySpan<char> text))
        {
            return text.ContainsAny(_literals);
        }

        for (int i = 0; i < value.Count && value.Kind is ValueKind.Map or ValueKind.List or ValueKind.Set; i++)
        {
            ValueMember member = value.MemberAt(i);
            if ((value.Kind == ValueKind.Map && IsBlocked(member.Name)) || IsBlocked(member.Value))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsBlocked(string text) => text.AsSpan().ContainsAny(_literals);
}
