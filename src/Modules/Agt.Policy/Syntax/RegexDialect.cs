using System.Globalization;
using System.Text;

namespace Agt.Policy.Syntax;

/// <summary>
/// Translates the Python flavour of regular expressions that policies are written in to that of .NET (POL 5.2), refuses by name what has no
/// linear-time match, and adds up how large the automaton can become. Reads each character once.
/// </summary>
internal ref partial struct RegexDialect
{
    private readonly ReadOnlySpan<char> _source;
    private readonly int _offset;
    private readonly StringBuilder _result;
    private readonly Stack<long> _groups = new();
    private int _at;
    private long _size;
    private long _last;
    private Repeat _repeat;

    private RegexDialect(ReadOnlySpan<char> source, int offset)
    {
        _source = source;
        _offset = offset;
        _result = new StringBuilder(source.Length + 16);
    }

    private enum Repeat : byte
    {
        None,
        Greedy,
        Lazy,
    }

    /// <summary>Translates a pattern.</summary>
    /// <param name="source">The pattern.</param>
    /// <param name="offset">Where it stands in its condition.</param>
    /// <param name="size">How many positions it has once its counted repeats are written out, at least.</param>
    /// <exception cref="ConditionException">It uses what cannot be matched in linear time, or what the flavours read differently.</exception>
    internal static string Translate(string source, int offset, out long size)
    {
        var dialect = new RegexDialect(source, offset);
        while (dialect._at < source.Length)
        {
            dialect.Step();
        }

        size = dialect._size;
        return dialect._result.ToString();
    }

    private void Step()
    {
        char c = _source[_at];
        switch (c)
        {
            case '\\' when _at + 1 < _source.Length:
                Escape();
                return;
            case '[':
                _at = RegexSet.Translate(_source, _at, _offset, _result, out int size);
                Atom(size);
                return;
            case '(':
                Group();
                return;
            case ')':
                Close();
                return;
            case '*' or '+' or '?':
                Quantifier(c, 2);
                _result.Append(c);
                _at++;
                return;
            case '{' when TryCount():
                return;
            default:
                Character(c);
                return;
        }
    }

    private void Character(char c)
    {
        if (char.IsHighSurrogate(c) && _at + 1 < _source.Length && char.IsLowSurrogate(_source[_at + 1]))
        {
            // One character takes two code units, and a repeat must take both.
            Pair(new string(_source.Slice(_at, 2)));
            _at += 2;
            return;
        }

        Atom(1);
        _result.Append(c);
        _at++;
    }

    private void Pair(string units)
    {
        Atom(2);
        _result.Append("(?:").Append(units).Append(')');
    }

    private void Escape()
    {
        char c = _source[_at + 1];
        switch (c)
        {
            case 'Z':
                _result.Append("\\z");
                break;
            case 'G':
                throw NotLinear("\\G", "the end of the last match");
            case 'k' or (>= '1' and <= '9'):
                throw NotLinear("\\" + c, "a backreference");
            case 'U' when RegexSet.TryLongEscape(_source, _at, out Rune rune):
                _at += 10;
                if (rune.IsBmp)
                {
                    Atom(1);
                    _result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
                }
                else
                {
                    Pair(rune.ToString());
                }

                return;
            case > '\u007f' when char.IsSurrogate(c):
                _at++;
                Character(c);
                return;
            case '_' or > '\u007f':
                // An escape that Python takes for the character itself.
                _result.Append(c);
                break;
            default:
                _result.Append('\\').Append(c);
                break;
        }

        Atom(1);
        _at += 2;
    }

    private void Close()
    {
        _result.Append(')');
        _at++;
        if (_groups.TryPop(out long outer))
        {
            long inner = _size + 1;
            _size = outer;
            Atom(inner);
        }
    }

    private void Atom(long size)
    {
        _last = size;
        _size += size;
        _repeat = Repeat.None;
    }

    /// <summary>Python's counts: <c>{n}</c>, <c>{n,}</c>, <c>{n,m}</c> and <c>{,m}</c>, the last of which .NET takes for text.</summary>
    private bool TryCount()
    {
        int close = _source[_at..].IndexOf('}');
        if (close < 2)
        {
            return false;
        }

        ReadOnlySpan<char> count = _source.Slice(_at + 1, close - 1);
        int comma = count.IndexOf(',');
        ReadOnlySpan<char> least = comma < 0 ? count : count[..comma];
        ReadOnlySpan<char> most = comma < 0 ? default : count[(comma + 1)..];
        if (least.ContainsAnyExceptInRange('0', '9') || most.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        Quantifier('{', Math.Max(Number(least), Number(most)) + 1);
        _result.Append('{').Append(least.IsEmpty ? "0" : least);
        if (comma >= 0)
        {
            _result.Append(',').Append(most);
        }

        _result.Append('}');
        _at += close + 1;
        return true;
    }

    private static long Number(ReadOnlySpan<char> digits) =>
        digits.IsEmpty ? 0 : digits.Length > 9 ? int.MaxValue : int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    private void Quantifier(char c, long times)
    {
        if (_repeat == Repeat.Greedy && c == '+')
        {
            throw NotLinear(_source[_at - 1] + "+", "a possessive repeat");
        }

        if (_repeat == Repeat.Greedy && c == '?')
        {
            _repeat = Repeat.Lazy;
            return;
        }

        long grown = Math.Min(_last, int.MaxValue) * times;
        _size = Math.Min(_size - _last + grown, int.MaxValue);
        _last = grown;
        _repeat = Repeat.Greedy;
    }

    private readonly ConditionException NotLinear(string written, string name) => new(
        "AGTP121", _offset, $"The pattern uses {name}, {written} at its character {_at + 1}, which cannot be matched in linear time.",
        "Rewrite it without that, or as several tests joined by and, or, not; or turn such rules off: --skip-non-linear, or PolicyLoadOptions.SkipNonLinearPatterns.");
}
