using System.Globalization;

namespace Agt.Policy.Matching;

/// <summary>
/// Takes patterns apart that are in the part of the platform's flavour which policies use. What it does not know for certain it gives up, and the platform's own engine matches the pattern.
/// </summary>
internal ref struct PatternReader
{
    private const int MaxDepth = 100;
    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _multiline;
    private bool _dotAll;
    private bool _failed;

    private PatternReader(ReadOnlySpan<char> text, bool dotAll)
    {
        _text = text;
        _dotAll = dotAll;
    }

    /// <summary>The pattern, or null if it is not in the part that is known.</summary>
    internal static PatternTree? Read(string pattern, bool dotAll)
    {
        var reader = new PatternReader(pattern, dotAll);
        PatternTree tree = reader.ReadChoice();
        return reader._failed || reader._at < reader._text.Length ? null : tree;
    }

    private readonly bool More => !_failed && _at < _text.Length;

    private Sequence Fail()
    {
        _failed = true;
        return new Sequence([]);
    }

    private PatternTree ReadChoice()
    {
        // Flags that are set inside a group end with it, and hold for what follows, also behind a bar.
        (bool ignoreCase, bool multiline, bool dotAll) = (_ignoreCase, _multiline, _dotAll);
        if (++_depth > MaxDepth)
        {
            return Fail();
        }

        var branches = new List<PatternTree>();
        while (true)
        {
            branches.Add(ReadSequence());
            if (!More || _text[_at] != '|')
            {
                break;
            }

            _at++;
        }

        _depth--;
        (_ignoreCase, _multiline, _dotAll) = (ignoreCase, multiline, dotAll);
        return branches.Count == 1 ? branches[0] : new Choice(branches);
    }

    private PatternTree ReadSequence()
    {
        var parts = new List<PatternTree>();
        while (More && _text[_at] is not ('|' or ')'))
        {
            PatternTree? part = ReadAtom();
            if (part is not null)
            {
                parts.Add(ReadQuantifier(part));
            }
        }

        return parts.Count == 1 ? parts[0] : new Sequence(parts);
    }

    private PatternTree? ReadAtom()
    {
        char c = _text[_at++];
        switch (c)
        {
            case '(':
                return ReadGroup();
            case '[':
                return ReadSet();
            case '.':
                return new OneOf(_dotAll ? CharSet.Of([('\0', char.MaxValue)]) : CharSet.NewLine.Not());
            case '^':
                return new Anchor(_multiline ? AnchorKind.LineBegin : AnchorKind.Begin);
            case '$':
                return new Anchor(_multiline ? AnchorKind.LineEnd : AnchorKind.EndOrLastLine);
            case '\\':
                return ReadEscape();
            case '*' or '+' or '?':
                return Fail();
            default:
                return Literal(c);
        }
    }

    private PatternTree Literal(char c) => With(CharSet.Of(c));

    private PatternTree With(CharSet set) => !_ignoreCase ? new OneOf(set) : set.WithCases() is { } cases ? new OneOf(cases) : Fail();

    private PatternTree? ReadGroup()
    {
        PatternTree inner;
        if (More && _text[_at] == '?')
        {
            _at++;
            if (More && _text[_at] is 'P' or '<' or '\'')
            {
                _at += _text[_at] == 'P' ? 1 : 0;
                if (!More || _text[_at] is not ('<' or '\'') || _text[_at..] is ['<', '=' or '!', ..])
                {
                    return Fail();
                }

                int close = _text[(_at + 1)..].IndexOf(_text[_at] == '<' ? '>' : '\'');
                if (close <= 0 || _text.Slice(_at + 1, close).Contains('-'))
                {
                    return Fail();
                }

                _at += close + 2;
                inner = ReadChoice();
            }
            else
            {
                (bool ignoreCase, bool multiline, bool dotAll) = (_ignoreCase, _multiline, _dotAll);
                bool on = true;
                while (More && _text[_at] is 'i' or 'm' or 's' or 'n' or '-')
                {
                    switch (_text[_at++])
                    {
                        case 'i':
                            _ignoreCase = on;
                            break;
                        case 'm':
                            _multiline = on;
                            break;
                        case 's':
                            _dotAll = on;
                            break;
                        case '-':
                            on = false;
                            break;
                    }
                }

                if (More && _text[_at] == ')')
                {
                    _at++;
                    return null;
                }

                if (!More || _text[_at] != ':')
                {
                    return Fail();
                }

                _at++;
                inner = ReadChoice();
                (_ignoreCase, _multiline, _dotAll) = (ignoreCase, multiline, dotAll);
            }
        }
        else
        {
            inner = ReadChoice();
        }

        if (!More || _text[_at] != ')')
        {
            return Fail();
        }

        _at++;
        return inner;
    }

    private PatternTree ReadQuantifier(PatternTree part)
    {
        int least;
        int most;
        if (!More)
        {
            return part;
        }

        switch (_text[_at])
        {
            case '*':
                (least, most) = (0, -1);
                _at++;
                break;
            case '+':
                (least, most) = (1, -1);
                _at++;
                break;
            case '?':
                (least, most) = (0, 1);
                _at++;
                break;
            case '{' when TryReadCounts(out least, out most):
                break;
            default:
                return part;
        }

        // Lazy or not makes no difference to whether there is a match; a second quantifier is none.
        if (More && _text[_at] == '?')
        {
            _at++;
        }

        if (More && _text[_at] is '*' or '+' or '?')
        {
            return Fail();
        }

        return most >= 0 && most < least ? Fail() : new Repeat(part, least, most);
    }

    private bool TryReadCounts(out int least, out int most)
    {
        least = 0;
        most = 0;
        int at = _at + 1;
        int digits = at;
        while (at < _text.Length && char.IsAsciiDigit(_text[at]))
        {
            at++;
        }

        if (at == digits || at - digits > 6)
        {
            return false;
        }

        least = int.Parse(_text[digits..at], CultureInfo.InvariantCulture);
        most = least;
        if (at < _text.Length && _text[at] == ',')
        {
            int second = ++at;
            while (at < _text.Length && char.IsAsciiDigit(_text[at]))
            {
                at++;
            }

            if (at - second > 6)
            {
                return false;
            }

            most = at == second ? -1 : int.Parse(_text[second..at], CultureInfo.InvariantCulture);
        }

        if (at >= _text.Length || _text[at] != '}')
        {
            return false;
        }

        _at = at + 1;
        return true;
    }

    private PatternTree ReadEscape()
    {
        if (!More)
        {
            return Fail();
        }

        char c = _text[_at];
        switch (c)
        {
            case 'b':
                _at++;
                return new Anchor(AnchorKind.WordBoundary);
            case 'B':
                _at++;
                return new Anchor(AnchorKind.NoWordBoundary);
            case 'A':
                _at++;
                return new Anchor(AnchorKind.Begin);
            case 'z':
                _at++;
                return new Anchor(AnchorKind.End);
            case 'Z':
                _at++;
                return new Anchor(AnchorKind.EndOrLastLine);
        }

        return ReadClass() is { } set ? new OneOf(set) : ReadCharacter() is { } single ? Literal(single) : Fail();
    }

    /// <summary>One of <c>\w \d \s</c> and their opposites.</summary>
    private CharSet? ReadClass()
    {
        CharSet? set = _text[_at] switch
        {
            'w' => CharSet.Word,
            'W' => CharSet.Word.Not(),
            'd' => CharSet.Digit,
            'D' => CharSet.Digit.Not(),
            's' => CharSet.Space,
            'S' => CharSet.Space.Not(),
            _ => null,
        };
        _at += set is null ? 0 : 1;
        return set;
    }

    /// <summary>The character that an escape stands for; null if it is not known here.</summary>
    private char? ReadCharacter()
    {
        char c = _text[_at++];
        switch (c)
        {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'x':
                return Hex(2);
            case 'u':
                return Hex(4);
            default:
                return char.IsAsciiLetterOrDigit(c) || c == '_' || c > '\u007f' ? null : c;
        }
    }

    private char? Hex(int digits)
    {
        if (_at + digits > _text.Length || !ushort.TryParse(_text.Slice(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value))
        {
            return null;
        }

        _at += digits;
        return (char)value;
    }

    private PatternTree ReadSet()
    {
        bool negated = More && _text[_at] == '^';
        _at += negated ? 1 : 0;
        var ranges = new List<(char Low, char High)>();
        var classes = new List<(char Low, char High)>();
        bool first = true;
        while (More && (_text[_at] != ']' || first))
        {
            first = false;
            if (_text[_at] == '[' && _text[_at..] is ['[', ':', ..])
            {
                return Fail();
            }

            if (!ReadMember(out char low, out CharSet? set))
            {
                return Fail();
            }

            if (set is not null)
            {
                classes.AddRange(set.Ranges);
                if (_text[_at..] is ['-', not ']', ..])
                {
                    return Fail();
                }

                continue;
            }

            if (_text[_at..] is ['-', not ']', ..])
            {
                _at++;
                if (_text[_at] == '[' || !ReadMember(out char high, out CharSet? upper) || upper is not null || high < low)
                {
                    return Fail();
                }

                ranges.Add((low, high));
            }
            else
            {
                ranges.Add((low, low));
            }
        }

        if (!More)
        {
            return Fail();
        }

        _at++;
        CharSet? plain = CharSet.Of(ranges);
        if (_ignoreCase)
        {
            // What \w and the like hold has its cases in it already.
            plain = plain.WithCases();
        }

        if (plain is null)
        {
            return Fail();
        }

        CharSet all = CharSet.Of([.. plain.Ranges, .. classes]);
        return new OneOf(negated ? all.Not() : all);
    }

    private bool ReadMember(out char single, out CharSet? set)
    {
        single = '\0';
        set = null;
        if (!More)
        {
            return false;
        }

        if (_text[_at] != '\\')
        {
            single = _text[_at++];
            return true;
        }

        _at++;
        if (!More)
        {
            return false;
        }

        if (_text[_at] == 'b')
        {
            _at++;
            single = '\b';
            return true;
        }

        set = ReadClass();
        if (set is not null)
        {
            return true;
        }

        if (ReadCharacter() is not { } c)
        {
            return false;
        }

        single = c;
        return true;
    }
}
