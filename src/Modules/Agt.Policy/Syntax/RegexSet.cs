using System.Globalization;
using System.Text;

namespace Agt.Policy.Syntax;

/// <summary>
/// Translates a set of characters (<c>[...]</c>) of a Python-flavoured regular expression. In .NET a character beyond U+FFFF is two code units, of which
/// a set takes one, and <c>[:</c> and <c>-[</c> have meanings of their own; here a set means the characters that are written in it.
/// </summary>
internal ref struct RegexSet
{
    private readonly ReadOnlySpan<char> _source;
    private readonly int _offset;
    private readonly StringBuilder _set;
    private StringBuilder? _pairs;
    private int _at;
    private int _count;

    private RegexSet(ReadOnlySpan<char> source, int at, int offset)
    {
        _source = source;
        _at = at;
        _offset = offset;
        _set = new StringBuilder();
    }

    /// <summary>Translates the set that opens at <paramref name="open"/>.</summary>
    /// <returns>Where the pattern goes on.</returns>
    internal static int Translate(ReadOnlySpan<char> source, int open, int offset, StringBuilder result, out int size)
    {
        size = 1;
        var set = new RegexSet(source, open + 1, offset);
        bool negated = set._at < source.Length && source[set._at] == '^';
        set._at += negated ? 1 : 0;
        int first = set._at;
        while (set._at < source.Length && (source[set._at] != ']' || set._at == first))
        {
            set.Entry(first);
        }

        if (set._at >= source.Length)
        {
            // Not closed: the parser of .NET says so.
            result.Append(source[open..]);
            return source.Length;
        }

        if (set._pairs is not { } pairs)
        {
            result.Append(negated ? "[^" : "[").Append(set._set).Append(']');
        }
        else if (negated)
        {
            throw set.Refused(open, "A set that begins with ^ holds a character beyond U+FFFF.", "Write what may stand there, or use not.");
        }
        else
        {
            size += set._count * 3;
            result.Append("(?:").Append(set._set.Length > 0 ? $"[{set._set}]|" : string.Empty).Append(pairs).Append(')');
        }

        return set._at + 1;
    }

    /// <summary>Python's <c>\UXXXXXXXX</c>, ten characters.</summary>
    internal static bool TryLongEscape(ReadOnlySpan<char> source, int at, out Rune rune)
    {
        rune = default;
        return at + 10 <= source.Length && source[at] == '\\' && source[at + 1] == 'U' &&
            int.TryParse(source.Slice(at + 2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && Rune.TryCreate(code, out rune);
    }

    private void Entry(int first)
    {
        int start = _at;
        if (_source[start] == '-' && start > first && start + 1 < _source.Length && _source[start + 1] == '[')
        {
            throw Subtraction(start);
        }

        (string text, int code) = Item();
        bool range = _at + 1 < _source.Length && _source[_at] == '-' && _source[_at + 1] != ']';
        if (!range)
        {
            Add(text, code, code);
            return;
        }

        _at++;
        if (_source[_at] == '[')
        {
            throw Subtraction(_at - 1);
        }

        (string last, int lastCode) = Item();
        if (code <= char.MaxValue && lastCode <= char.MaxValue)
        {
            _set.Append(text).Append('-').Append(last);
        }
        else if (code < 0 || lastCode < code)
        {
            throw Refused(start, "A range in a set of characters ends before it begins.", "Write the lower character first.");
        }
        else
        {
            Add(text, code, lastCode);
        }
    }

    /// <summary>One character or escape as .NET writes it in a set, and its code point; -1 if it is not one character, or one that need not be known.</summary>
    private (string Text, int Code) Item()
    {
        char c = _source[_at];
        if (TryLongEscape(_source, _at, out Rune rune))
        {
            _at += 10;
            return (Unit(rune.Value), rune.Value);
        }

        if (c == '\\' && _at + 1 < _source.Length)
        {
            char escaped = _source[_at + 1];
            if (char.IsSurrogate(escaped))
            {
                _at++;
                return Item();
            }

            _at += 2;
            return escaped == '_' || escaped > '\u007f' ? (escaped.ToString(), escaped) : char.IsAsciiLetterOrDigit(escaped) ? ("\\" + escaped, -1) : ("\\" + escaped, escaped);
        }

        if (Rune.DecodeFromUtf16(_source[_at..], out rune, out int units) == System.Buffers.OperationStatus.Done && units == 2)
        {
            _at += 2;
            return (string.Empty, rune.Value);
        }

        _at++;
        return (c is '[' or '^' ? "\\" + c : c.ToString(), c);
    }

    private static string Unit(int unit) => string.Create(CultureInfo.InvariantCulture, $"\\u{unit & 0xFFFF:X4}");

    private void Add(string text, int first, int last)
    {
        if (last <= char.MaxValue)
        {
            _set.Append(text);
            return;
        }

        if (first <= char.MaxValue)
        {
            // The surrogates between are no characters.
            _set.Append(text).Append(first < 0xD800 ? "-\\uD7FF\\uE000-\\uFFFF" : "-\\uFFFF");
            first = 0x10000;
        }

        while (first <= last)
        {
            // From the first to the last of one high unit; from the start of one, as many whole ones as there are.
            int end = (first & 0x3FF) == 0 && last - first > 0x3FF ? ((last + 1) & ~0x3FF) - 1 : Math.Min(last, first | 0x3FF);
            (int high, int low) = Units(first);
            (int highest, int lowest) = Units(end);
            _count++;
            (_pairs is null ? _pairs = new StringBuilder() : _pairs.Append('|'))
                .Append('[').Append(Unit(high)).Append('-').Append(Unit(highest)).Append("][").Append(Unit(low)).Append('-').Append(Unit(lowest)).Append(']');
            first = end + 1;
        }
    }

    private static (int High, int Low) Units(int code) => (0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF));

    private readonly ConditionException Subtraction(int at) =>
        Refused(at, "-[ in a set of characters is a subtraction to some and a range to others.", "Write \\[ for the character itself, or write the set out.");

    private readonly ConditionException Refused(int at, string message, string fix) => new("AGTP123", _offset, $"{message.TrimEnd('.')}, at character {at + 1} of the pattern.", fix);
}
