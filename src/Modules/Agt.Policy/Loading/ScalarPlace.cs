namespace Agt.Policy.Loading;

/// <summary>
/// Finds where a character of a scalar's value stands in the file, through quotes, escapes, folded lines and block scalars. Walks the text once; only used to report.
/// </summary>
internal ref struct ScalarPlace
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _left;

    private ScalarPlace(ReadOnlySpan<char> text, int offset)
    {
        _text = text;
        _left = offset;
    }

    /// <summary>Where the character at <paramref name="offset"/> of the value stands.</summary>
    /// <param name="file">The whole text of the file.</param>
    /// <param name="start">Where in it the scalar begins, its quote or block mark included.</param>
    /// <param name="position">The line and column of that.</param>
    /// <param name="offset">Which character of the value, from 0; its length for the place behind it.</param>
    internal static SourcePosition Find(ReadOnlySpan<char> file, int start, SourcePosition position, int offset)
    {
        if (start < 0 || start >= file.Length)
        {
            return position;
        }

        ReadOnlySpan<char> text = file[start..];
        var place = new ScalarPlace(text, offset);
        switch (text[0])
        {
            case '"' or '\'':
                place._at = 1;
                place.Flow(text[0]);
                break;
            case '|' or '>':
                place.Block(folded: text[0] == '>');
                break;
            default:
                place.Flow('\0');
                break;
        }

        ReadOnlySpan<char> before = text[..Math.Min(place._at, text.Length)];
        int lines = before.Count('\n');
        return lines == 0
            ? position with { Column = position.Column + before.Length }
            : new SourcePosition(position.Line + lines, before.Length - before.LastIndexOf('\n'));
    }

    private void Flow(char quote)
    {
        while (_left > 0 && _at < _text.Length)
        {
            char c = _text[_at];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                Blank();
            }
            else if (c == '\\' && quote == '"')
            {
                Escape();
            }
            else
            {
                _at += c == '\'' && quote == '\'' ? 2 : 1;
                _left--;
            }
        }
    }

    /// <summary>Blanks count as they are, unless a line ends among them: one end is a space, further ones are as many line breaks.</summary>
    private void Blank()
    {
        int end = _at;
        int breaks = 0;
        while (end < _text.Length && _text[end] is ' ' or '\t' or '\r' or '\n')
        {
            breaks += _text[end++] == '\n' ? 1 : 0;
        }

        int counted = breaks == 0 ? end - _at : Math.Max(1, breaks - 1);
        if (breaks == 0 && counted > _left)
        {
            end = _at + _left;
        }

        _left = Math.Max(0, _left - counted);
        _at = end;
    }

    private void Escape()
    {
        char kind = _at + 1 < _text.Length ? _text[_at + 1] : ' ';
        if (kind is '\r' or '\n')
        {
            // An escaped end of line stands for nothing, and the next line's indentation with it.
            _at++;
            while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
            {
                _at++;
            }

            return;
        }

        bool pair = kind == 'U' && _at + 6 <= _text.Length && !_text.Slice(_at + 2, 4).SequenceEqual("0000");
        _at += kind switch { 'x' => 4, 'u' => 6, 'U' => 10, _ => 2 };
        _left -= pair ? 2 : 1;
    }

    private void Block(bool folded)
    {
        int header = _text.IndexOf('\n');
        if (header < 0 || _text[..header].ContainsAnyInRange('1', '9'))
        {
            // An indentation of its own, which counts from that of the parent: the beginning has to do.
            return;
        }

        NextLine();
        int indent = Indent();
        Skip(indent);
        while (_left > 0 && _at < _text.Length)
        {
            char c = _text[_at];
            if (c == '\n')
            {
                _at++;
                int blank = 0;
                while (folded && Empty())
                {
                    NextLine();
                    blank++;
                }

                _left -= Math.Max(1, blank);
                Skip(indent);
            }
            else
            {
                // The carriage return before a line feed is no part of the value.
                _left -= c == '\r' ? 0 : 1;
                _at++;
            }
        }
    }

    private readonly int Indent()
    {
        int at = _at;
        int indent = 0;
        while (at < _text.Length && _text[at] is ' ' or '\r' or '\n')
        {
            indent = _text[at++] == ' ' ? indent + 1 : 0;
        }

        return indent;
    }

    private readonly bool Empty()
    {
        int end = _text[_at..].IndexOf('\n');
        return end >= 0 && _text.Slice(_at, end).Trim().IsEmpty;
    }

    private void NextLine()
    {
        int end = _text[_at..].IndexOf('\n');
        _at = end < 0 ? _text.Length : _at + end + 1;
    }

    private void Skip(int indent)
    {
        for (int i = 0; i < indent && _at < _text.Length && _text[_at] == ' '; i++)
        {
            _at++;
        }
    }
}
