using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt.Policy.Syntax;

/// <summary>Cuts the text of a condition into tokens.</summary>
internal ref struct Lexer
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;

    internal Lexer(ReadOnlySpan<char> text)
    {
        _text = text;
        _at = 0;
    }

    internal static bool IsIdentifier(string text)
    {
        if (text.Length == 0 || !IsStart(text[0]))
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!IsPart(c))
            {
                return false;
            }
        }

        return true;
    }

    internal Token Next()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }

        int start = _at;
        if (_at == _text.Length)
        {
            return new Token(TokenKind.End, start, string.Empty, default);
        }

        char c = _text[_at];
        if (IsStart(c))
        {
            while (_at < _text.Length && IsPart(_text[_at]))
            {
                _at++;
            }

            return Word(start, _text[start.._at].ToString());
        }

        if (char.IsAsciiDigit(c) || (c == '-' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
        {
            return Number(start);
        }

        if (c is '\'' or '"')
        {
            return new Token(TokenKind.String, start, String(start, c), default);
        }

        return Symbol(start, c);
    }

    /// <summary>After a dot digits are a name too (<c>list.0</c>).</summary>
    internal bool TryDigitsAfterDot(out string digits)
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        digits = _text[start.._at].ToString();
        return digits.Length > 0;
    }

    private static bool IsStart(char c) => c == '_' || char.IsLetter(c);

    private static bool IsPart(char c) => c == '_' || char.IsLetterOrDigit(c);

    private static Token Word(int start, string word)
    {
        TokenKind kind = word.Length switch
        {
            2 => Is(word, "or") ? TokenKind.Or : Is(word, "in") ? TokenKind.In : Is(word, "is") ? TokenKind.Is : TokenKind.Identifier,
            3 => Is(word, "and") ? TokenKind.And : Is(word, "not") ? TokenKind.Not : TokenKind.Identifier,
            4 => Is(word, "true") ? TokenKind.True : Is(word, "null") ? TokenKind.Null : Is(word, "like") ? TokenKind.Like : TokenKind.Identifier,
            5 => Is(word, "false") ? TokenKind.False : TokenKind.Identifier,
            7 => Is(word, "matches") ? TokenKind.Matches : TokenKind.Identifier,
            8 => Is(word, "contains") ? TokenKind.Contains : Is(word, "endswith") ? TokenKind.EndsWith : TokenKind.Identifier,
            10 => Is(word, "startswith") ? TokenKind.StartsWith : TokenKind.Identifier,
            _ => TokenKind.Identifier,
        };
        return new Token(kind, start, word, default);
    }

    private static bool Is(string word, string keyword) => Ascii.EqualsIgnoreCase(word, keyword);

    private Token Number(int start)
    {
        if (_text[_at] == '-')
        {
            _at++;
        }

        Digits();
        if (_at + 1 < _text.Length && _text[_at] == '.' && char.IsAsciiDigit(_text[_at + 1]))
        {
            _at++;
            Digits();
        }

        if (_at < _text.Length && _text[_at] is 'e' or 'E')
        {
            int mark = _at++;
            if (_at < _text.Length && _text[_at] is '+' or '-')
            {
                _at++;
            }

            int digits = _at;
            Digits();
            if (digits == _at)
            {
                throw new ConditionException("AGTP102", mark, "A number ends in an exponent without digits.", "Write the exponent's digits, as in 1e6.");
            }
        }

        if (_at < _text.Length && (IsPart(_text[_at]) || _text[_at] == '.'))
        {
            throw new ConditionException("AGTP102", start, "A number is followed by letters or a point.", "Put text in quotes, and a space after a number.");
        }

        ReadOnlySpan<char> text = _text[start.._at];
        try
        {
            return new Token(TokenKind.Number, start, text.ToString(), GovernedValue.FromNumberText(text));
        }
        catch (PayloadException)
        {
            throw new ConditionException("AGTP102", start, "A number has too many digits.", "Use at most 1,000 digits.");
        }
    }

    private void Digits()
    {
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }
    }

    private string String(int start, char quote)
    {
        _at++;
        ReadOnlySpan<char> rest = _text[_at..];
        int end = rest.IndexOfAny(quote, '\\');
        if (end >= 0 && rest[end] == quote)
        {
            _at += end + 1;
            return rest[..end].ToString();
        }

        var value = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length)
            {
                throw new ConditionException("AGTP101", start, "A text is not closed.", $"Close it with {quote}.");
            }

            char c = _text[_at++];
            if (c == quote)
            {
                return value.ToString();
            }

            if (c != '\\' || _at == _text.Length)
            {
                value.Append(c);
                continue;
            }

            Escape(value, _text[_at++]);
        }
    }

    private void Escape(StringBuilder value, char c)
    {
        switch (c)
        {
            case '\\' or '\'' or '"':
                value.Append(c);
                break;
            case 'n':
                value.Append('\n');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'u' when _at + 4 <= _text.Length && ushort.TryParse(_text.Slice(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code):
                value.Append((char)code);
                _at += 4;
                break;
            default:
                // An unknown escape keeps its backslash, so that regular expressions need not double theirs.
                value.Append('\\').Append(c);
                break;
        }
    }

    private Token Symbol(int start, char c)
    {
        char next = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
        (TokenKind kind, int length) = (c, next) switch
        {
            ('=', '=') => (TokenKind.Equal, 2),
            ('!', '=') => (TokenKind.NotEqual, 2),
            ('<', '=') => (TokenKind.LessOrEqual, 2),
            ('>', '=') => (TokenKind.GreaterOrEqual, 2),
            ('&', '&') => (TokenKind.And, 2),
            ('|', '|') => (TokenKind.Or, 2),
            ('<', _) => (TokenKind.Less, 1),
            ('>', _) => (TokenKind.Greater, 1),
            ('!', _) => (TokenKind.Not, 1),
            ('(', _) => (TokenKind.OpenParenthesis, 1),
            (')', _) => (TokenKind.CloseParenthesis, 1),
            ('[', _) => (TokenKind.OpenBracket, 1),
            (']', _) => (TokenKind.CloseBracket, 1),
            (',', _) => (TokenKind.Comma, 1),
            ('.', _) => (TokenKind.Dot, 1),
            _ => (TokenKind.End, 0),
        };
        if (length == 0)
        {
            string fix = c switch
            {
                '=' => "Compare with ==.",
                '&' => "Write && or and.",
                '|' => "Write || or or.",
                _ => "Put text in quotes.",
            };
            string shown = char.IsControl(c) || char.IsSurrogate(c) ? $"U+{(int)c:X4}" : $"'{c}'";
            throw new ConditionException("AGTP100", start, $"Unexpected {shown}.", fix);
        }

        _at += length;
        return new Token(kind, start, string.Empty, default);
    }
}
