using System.Buffers;
using System.Text;

namespace Agt.Policy.Facets.Sql;

/// <summary>
/// Cuts a statement into tokens without knowing whose dialect it is. Where two dialects in common use would cut differently (a backslash before a quote, a comment that
/// one of them runs, a <c>#</c>), it gives up rather than guess: what it took for a text could be a statement.
/// </summary>
internal ref struct SqlLexer(ReadOnlySpan<char> text)
{
    private static readonly string[] RiskyInComment = ["union", "select", "from", "join", "into", "or", "and", "where", "table"];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> NoName = SearchValues.Create(",;\0\r\n");

    private readonly ReadOnlySpan<char> _text = text;
    private readonly List<SqlToken> _tokens = [];
    private int _at;

    /// <summary>Reads the whole text; null if it is not certain what it is.</summary>
    internal static List<SqlToken>? Read(ReadOnlySpan<char> text)
    {
        var lexer = new SqlLexer(text);
        return lexer.ReadAll() ? lexer._tokens : null;
    }

    private bool ReadAll()
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (!ReadToken(c))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadToken(char c)
    {
        switch (c)
        {
            case '-' when Next == '-':
                return SkipLine();
            case '/' when Next == '*':
                return SkipBlock();
            case '\'':
                return ReadQuoted('\'', SqlTokenKind.Text);
            case '"' or '`':
                return ReadQuoted(c, SqlTokenKind.Quoted);
            case '[':
                return ReadBracket();
            case '$':
                return ReadDollar();
            case '#' or '\\':
                return false;
        }

        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Next)))
        {
            ReadNumber();
            return true;
        }

        if (IsWordStart(c))
        {
            int start = _at;
            while (_at < _text.Length && IsWordPart(_text[_at]))
            {
                _at++;
            }

            _tokens.Add(new SqlToken(SqlTokenKind.Word, _text[start.._at].ToString()));
            return true;
        }

        if (c is < ' ' or >= '\u007f')
        {
            return false;
        }

        _tokens.Add(new SqlToken(SqlTokenKind.Symbol, c.ToString()));
        _at++;
        return true;
    }

    private readonly char Next => _at + 1 < _text.Length ? _text[_at + 1] : '\0';

    private static bool IsWordStart(char c) => char.IsLetter(c) || c is '_' or '@';

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '@' or '$';

    /// <summary>Without a blank behind it, MySQL reads <c>--</c> as two signs and goes on.</summary>
    private bool SkipLine()
    {
        ReadOnlySpan<char> rest = _text[(_at + 2)..];
        int end = rest.IndexOfAny('\n', '\r');
        ReadOnlySpan<char> comment = end < 0 ? rest : rest[..end];
        if (_tokens.Count > 0 && comment is [not (' ' or '\t' or '-'), ..])
        {
            if (comment.IndexOfAny(";('\"`") >= 0)
            {
                return false;
            }

            foreach (string word in RiskyInComment)
            {
                if (comment.Contains(word, StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }
        }

        _at += 2 + comment.Length;
        return true;
    }

    /// <summary>MySQL runs what stands in <c>/*! */</c>; PostgreSQL nests comments and MySQL does not.</summary>
    private bool SkipBlock()
    {
        ReadOnlySpan<char> rest = _text[(_at + 2)..];
        int end = rest.IndexOf("*/");
        if (end < 0 || rest is ['!', ..] or ['M', '!', ..] || rest[..end].Contains("/*", StringComparison.Ordinal))
        {
            return false;
        }

        _at += 2 + end + 2;
        return true;
    }

    private bool ReadQuoted(char quote, SqlTokenKind kind)
    {
        var content = new StringBuilder();
        int backslashes = 0;
        for (int i = _at + 1; i < _text.Length; i++)
        {
            char c = _text[i];
            if (c == '\0')
            {
                return false;
            }

            if (c != quote)
            {
                backslashes = c == '\\' ? backslashes + 1 : 0;
                content.Append(c);
                continue;
            }

            if (backslashes % 2 != 0)
            {
                return false;
            }

            if (i + 1 < _text.Length && _text[i + 1] == quote)
            {
                content.Append(quote);
                i++;
                continue;
            }

            _at = i + 1;
            _tokens.Add(new SqlToken(kind, content.ToString()));
            return kind == SqlTokenKind.Text || IsPlainName(content.ToString());
        }

        return false;
    }

    /// <summary>A name in brackets, or a subscript, or a list: only what all of them read alike.</summary>
    private bool ReadBracket()
    {
        ReadOnlySpan<char> rest = _text[(_at + 1)..];
        int end = rest.IndexOf(']');
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<char> content = rest[..end];
        if (content.IndexOfAny("'\"`;[") >= 0 || content.Contains("--", StringComparison.Ordinal) || content.Contains("/*", StringComparison.Ordinal))
        {
            return false;
        }

        if (content.Length > 0 && IsWordStart(content[0]) && IsPlainName(content.ToString()))
        {
            _tokens.Add(new SqlToken(SqlTokenKind.Quoted, content.ToString()));
            _at += end + 2;
            return true;
        }

        _tokens.Add(new SqlToken(SqlTokenKind.Symbol, "["));
        _at++;
        return true;
    }

    /// <summary>A parameter such as <c>$1</c>, or a text between dollars that holds nothing another dialect would run.</summary>
    private bool ReadDollar()
    {
        int i = _at + 1;
        while (i < _text.Length && IsWordPart(_text[i]) && _text[i] != '$')
        {
            i++;
        }

        if (i < _text.Length && _text[i] == '$')
        {
            ReadOnlySpan<char> tag = _text[_at..(i + 1)];
            int end = _text[(i + 1)..].IndexOf(tag);
            if (end < 0 || _text.Slice(i + 1, end).IndexOfAny(";'\"`") >= 0)
            {
                return false;
            }

            _tokens.Add(new SqlToken(SqlTokenKind.Text, _text.Slice(i + 1, end).ToString()));
            _at = i + 1 + end + tag.Length;
            return true;
        }

        if (i == _at + 1)
        {
            return false;
        }

        _tokens.Add(new SqlToken(SqlTokenKind.Number, _text[_at..i].ToString()));
        _at = i;
        return true;
    }

    private void ReadNumber()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '.' or '_'
            || (_text[_at] is '+' or '-' && _at > start && _text[_at - 1] is 'e' or 'E' && !_text[start..(_at - 1)].ContainsAnyExcept(Digits))))
        {
            _at++;
        }

        _tokens.Add(new SqlToken(SqlTokenKind.Number, _text[start.._at].ToString()));
    }

    /// <summary>A name that could be mistaken for two in a comma-joined list is none we report.</summary>
    private static bool IsPlainName(string name) => name.Length is > 0 and <= 256 && !name.AsSpan().ContainsAny(NoName);
}
