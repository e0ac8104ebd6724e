namespace Agt.Policy.Syntax;

/// <content>What begins with a parenthesis.</content>
internal ref partial struct RegexDialect
{
    private void Group()
    {
        int taken = 1;
        if (_at + 2 < _source.Length && _source[_at + 1] == '?')
        {
            taken = Special(_source[(_at + 2)..]);
            if (taken == 0)
            {
                return;
            }
        }
        else
        {
            _result.Append('(');
        }

        _groups.Push(_size);
        _size = 0;
        _repeat = Repeat.None;
        _at += taken;
    }

    /// <summary>A group that begins with <c>(?</c>. How many characters its head takes; 0 for what opens no group and was taken whole.</summary>
    private int Special(ReadOnlySpan<char> rest)
    {
        if (rest[0] == '#')
        {
            int end = rest.IndexOf(')');
            int length = end < 0 ? _source.Length - _at : end + 3;
            _result.Append(_source.Slice(_at, length));
            _at += length;
            return 0;
        }

        switch (rest)
        {
            case ['=', ..]:
                throw NotLinear("(?=", "lookahead");
            case ['!', ..]:
                throw NotLinear("(?!", "negative lookahead");
            case ['<', '=', ..]:
                throw NotLinear("(?<=", "lookbehind");
            case ['<', '!', ..]:
                throw NotLinear("(?<!", "negative lookbehind");
            case ['>', ..]:
                throw NotLinear("(?>", "an atomic group");
            case ['(', ..]:
                throw NotLinear("(?(", "a conditional");
            case ['P', '=', ..]:
                throw NotLinear("(?P=", "a backreference");
            case ['P', '<', ..]:
                return Named(rest[2..], '>', "(?<", 4);
            case ['<', ..]:
                return Named(rest[1..], '>', "(?<", 3);
            case ['\'', ..]:
                return Named(rest[1..], '\'', "(?'", 3);
        }

        return Flags(rest);
    }

    private readonly int Named(ReadOnlySpan<char> name, char end, string head, int taken)
    {
        int length = name.IndexOf(end);
        if (length > 0 && name[..length].Contains('-'))
        {
            throw NotLinear("(?<a-b>", "a balancing group");
        }

        _result.Append(head);
        return taken;
    }

    private int Flags(ReadOnlySpan<char> rest)
    {
        int length = 0;
        while (length < rest.Length && (char.IsAsciiLetter(rest[length]) || rest[length] == '-'))
        {
            if (rest[length] is 'x' or 'X')
            {
                throw new ConditionException(
                    "AGTP123", _offset, "The pattern sets the flag x, in which blanks and # have no meaning of their own.", "Write it without blanks, comments and the flag.");
            }

            length++;
        }

        if (length < rest.Length && rest[length] is not (':' or ')'))
        {
            // What is put in its place could make a group of another kind out of it.
            throw new ConditionException("AGTP120", _offset, $"The pattern is malformed: there is no group that begins with (?{rest[..(length + 1)]}, at its character {_at + 1}.", "Correct the regular expression.");
        }

        _result.Append("(?").Append(rest[..length]);
        if (length < rest.Length && rest[length] == ')')
        {
            _result.Append(')');
            _at += length + 3;
            return 0;
        }

        return length + 2;
    }
}
