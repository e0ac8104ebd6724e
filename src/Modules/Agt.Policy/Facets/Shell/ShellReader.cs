using System.Text;

namespace Agt.Policy.Facets.Shell;

/// <summary>
/// Reads one command line by the rules of the POSIX shell (IEEE 1003.1 section 2) as far as they say where a command begins and what its name is. What needs more than that
/// (here-documents, functions, <c>case</c>) is noted as unknown.
/// </summary>
internal sealed class ShellReader(ShellFacts facts, string text, int depth)
{
    private static readonly string[] Passed = ["!", "{", "}", "if", "then", "else", "elif", "fi", "while", "until", "do", "done", "time"];
    private static readonly string[] NotFollowed = ["for", "select", "case", "esac", "function", "coproc", "[[", "in"];

    private readonly List<ShellWord> _words = [];
    private int _at;

    internal void Read()
    {
        while (_at < text.Length)
        {
            char c = text[_at];
            switch (c)
            {
                case ' ' or '\t':
                    _at++;
                    break;
                case '\n' or ';' or '&' or '|':
                    End();
                    _at++;
                    break;
                case '(' or ')':
                    // Behind a word it defines a function, else it is a group.
                    if (c == '(' && _words.Count > 0)
                    {
                        facts.AddUnknown();
                    }

                    End();
                    _at++;
                    break;
                case '<' or '>':
                    Redirect();
                    break;
                case '#':
                    _at = text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;
                    break;
                case '\r' or '\0':
                    facts.AddUnknown();
                    _at++;
                    break;
                case '\\' when _at + 1 < text.Length && text[_at + 1] == '\n':
                    _at += 2;
                    break;
                default:
                    ShellWord word = Word();
                    if (_at < text.Length && text[_at] is '<' or '>' && word is { IsQuoted: false } && word.Text.All(char.IsAsciiDigit))
                    {
                        Redirect();
                    }
                    else
                    {
                        _words.Add(word);
                    }

                    break;
            }
        }

        End();
    }

    /// <summary>A command has ended: notes what it starts.</summary>
    private void End()
    {
        int first = 0;
        while (first < _words.Count && !_words[first].IsQuoted && Array.IndexOf(Passed, _words[first].Text) >= 0)
        {
            first++;
        }

        while (first < _words.Count && IsAssignment(_words[first]))
        {
            // What looks up programs, or loads code into them, decides what a name means.
            string name = _words[first].Text[.._words[first].Text.IndexOf('=', StringComparison.Ordinal)].TrimEnd('+');
            if (name is "PATH" or "IFS" or "ENV" or "BASH_ENV" or "PROMPT_COMMAND" or "SHELLOPTS" or "PS4" || name.StartsWith("LD_", StringComparison.Ordinal) || name.StartsWith("DYLD_", StringComparison.Ordinal))
            {
                facts.AddUnknown();
            }

            first++;
        }

        if (first < _words.Count)
        {
            facts.Parts++;
            if (!_words[first].IsQuoted && Array.IndexOf(NotFollowed, _words[first].Text) >= 0)
            {
                facts.AddUnknown();
            }
            else
            {
                ShellPrograms.Note(facts, _words[first..], depth);
            }
        }

        _words.Clear();
    }

    private static bool IsAssignment(ShellWord word)
    {
        int sign = word.Text.IndexOf('=', StringComparison.Ordinal);
        return sign > 0 && (char.IsAsciiLetter(word.Text[0]) || word.Text[0] == '_') && word.Text[..sign].TrimEnd('+').All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '[' or ']');
    }

    private void Redirect()
    {
        char direction = text[_at++];
        if (_at < text.Length && text[_at] == '(')
        {
            // Process substitution: what is inside runs.
            _at++;
            facts.Parts++;
            facts.Read(Bracketed(), depth + 1);
            _words.Add(new ShellWord(string.Empty, false, false));
            return;
        }

        if (direction == '<' && _at < text.Length && text[_at] == '<')
        {
            facts.AddUnknown();
        }

        while (_at < text.Length && text[_at] is '<' or '>' or '|' or '&' or '-')
        {
            _at++;
        }

        while (_at < text.Length && text[_at] is ' ' or '\t')
        {
            _at++;
        }

        if (_at < text.Length && text[_at] is not ('\n' or ';' or '&' or '|' or '(' or ')' or '<' or '>'))
        {
            bool copies = text[_at - 1] == '&';
            ShellWord target = Word();
            if (direction == '>' && !(copies && target.Text.All(char.IsAsciiDigit)))
            {
                facts.AddRedirect(target);
            }
            else
            {
                facts.Parts++;
            }
        }
    }

    private ShellWord Word()
    {
        var content = new StringBuilder();
        bool isFixed = true;
        bool quoted = false;
        while (_at < text.Length)
        {
            char c = text[_at];
            switch (c)
            {
                case ' ' or '\t' or '\n' or ';' or '&' or '|' or '(' or ')' or '<' or '>' or '\r' or '\0':
                    return new ShellWord(content.ToString(), isFixed, quoted);
                case '\\':
                    quoted = true;
                    _at++;
                    if (_at < text.Length)
                    {
                        if (text[_at] != '\n')
                        {
                            content.Append(text[_at]);
                        }

                        _at++;
                    }

                    break;
                case '\'':
                    quoted = true;
                    int end = text.IndexOf('\'', _at + 1);
                    if (end < 0)
                    {
                        facts.AddUnknown();
                        end = text.Length;
                    }

                    content.Append(text, _at + 1, end - _at - 1);
                    _at = Math.Min(end + 1, text.Length);
                    break;
                case '"':
                    quoted = true;
                    isFixed &= DoubleQuoted(content);
                    break;
                case '$' or '`':
                    isFixed &= Expansion(content);
                    break;
                default:
                    isFixed &= c is not ('*' or '?' or '[' or '{');
                    content.Append(c);
                    _at++;
                    break;
            }
        }

        return new ShellWord(content.ToString(), isFixed, quoted);
    }

    private bool DoubleQuoted(StringBuilder content)
    {
        bool isFixed = true;
        _at++;
        while (_at < text.Length)
        {
            char c = text[_at];
            switch (c)
            {
                case '"':
                    _at++;
                    return isFixed;
                case '\\' when _at + 1 < text.Length && text[_at + 1] is '$' or '`' or '"' or '\\' or '\n':
                    if (text[_at + 1] != '\n')
                    {
                        content.Append(text[_at + 1]);
                    }

                    _at += 2;
                    break;
                case '$' or '`':
                    isFixed &= Expansion(content);
                    break;
                default:
                    content.Append(c);
                    _at++;
                    break;
            }
        }

        facts.AddUnknown();
        return false;
    }

    /// <summary>A variable or a substitution; what a substitution runs is noted. False unless the sign stands for itself.</summary>
    private bool Expansion(StringBuilder content)
    {
        if (text[_at] == '`')
        {
            int end = _at + 1;
            while (end < text.Length && text[end] != '`')
            {
                end += text[end] == '\\' ? 2 : 1;
            }

            string inner = text[(_at + 1)..Math.Min(end, text.Length)];
            if (end >= text.Length || inner.Contains('\\', StringComparison.Ordinal))
            {
                facts.AddUnknown();
            }

            _at = Math.Min(end + 1, text.Length);
            facts.Parts++;
            facts.Read(inner, depth + 1);
            return false;
        }

        _at++;
        if (_at >= text.Length || !(char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '(' or '{' or '_' or '\'' or '"' or '?' or '!' or '#' or '$' or '@' or '*' or '-'))
        {
            content.Append('$');
            return true;
        }

        if (text[_at] == '(')
        {
            _at++;
            facts.Parts++;
            facts.Read(Bracketed(), depth + 1);
        }
        else if (text[_at] == '{')
        {
            // A default inside can hold a substitution of its own.
            int end = text.IndexOf('}', _at);
            if (end < 0 || text.AsSpan(_at, end - _at).IndexOfAny("`(\"'\\") >= 0)
            {
                facts.AddUnknown();
            }

            _at = end < 0 ? text.Length : end + 1;
        }
        else if (text[_at] is '\'' or '"')
        {
            // ANSI-C quoting makes any character; what it makes is not followed.
            facts.AddUnknown();
        }
        else
        {
            _at++;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            {
                _at++;
            }
        }

        return false;
    }

    /// <summary>The text up to the bracket that closes, which is behind <see cref="_at"/> afterwards.</summary>
    private string Bracketed()
    {
        int start = _at;
        int open = 1;
        while (_at < text.Length)
        {
            char c = text[_at];
            if (c == '\\')
            {
                _at++;
            }
            else if (c is '\'' or '"')
            {
                SkipQuoted(c);
                continue;
            }
            else if (c == '(')
            {
                open++;
            }
            else if (c == ')' && --open == 0)
            {
                return text[start.._at++];
            }

            _at++;
        }

        facts.AddUnknown();
        _at = text.Length;
        return text[start..];
    }

    private void SkipQuoted(char quote)
    {
        _at++;
        while (_at < text.Length && text[_at] != quote)
        {
            _at += quote == '"' && text[_at] == '\\' ? 2 : 1;
        }

        _at++;
    }
}
