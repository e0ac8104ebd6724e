namespace Agt.Policy.Facets.Sql;

/// <summary>
/// Finds verb, target, tables and functions in the tokens of one text. It is no parser of a dialect: it walks the brackets, and where a text could be more than the one
/// statement it seems to be, the verb is <c>UNKNOWN</c>.
/// </summary>
internal sealed partial class SqlStatement(List<SqlToken> tokens)
{
    private const int MaxDepth = 64;

    private readonly List<(int At, string Name)> _tables = [];
    private readonly List<string> _functions = [];
    private readonly HashSet<string> _seenFunctions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly List<string> _changing = [];
    private bool _certain = true;
    private int _main = -1;

    internal SqlFacts Read()
    {
        string verb = ReadVerb();
        WalkAll();
        string target = _main < 0 ? string.Empty : Target(verb);
        if (!_certain)
        {
            verb = SqlFacts.Unknown;
        }
        else if (_changing.Count > 0)
        {
            // A common table expression that changes something makes the whole a change.
            verb = _changing.TrueForAll(inner => inner == _changing[0]) && verb is "SELECT" or "VALUES" || verb == _changing[0] ? _changing[0] : SqlFacts.Unknown;
        }

        return new SqlFacts(verb, target, [.. _tables.OrderBy(table => table.At).Select(table => table.Name).Distinct(StringComparer.Ordinal)], _functions);
    }

    private string ReadVerb()
    {
        int at = 0;
        while (at < tokens.Count && tokens[at].Is('('))
        {
            at++;
        }

        if (at < tokens.Count && tokens[at].Is("EXPLAIN"))
        {
            int inner = at + 1;
            bool runs = false;
            int depth = 0;
            for (; inner < tokens.Count; inner++)
            {
                SqlToken token = tokens[inner];
                depth += token.Is('(') ? 1 : token.Is(')') ? -1 : 0;
                runs |= token.Is("ANALYZE") || token.Is("ANALYSE");
                if (depth == 0 && inner > at && token.Kind == SqlTokenKind.Word && !token.Is("ANALYZE") && !token.Is("ANALYSE") && (SqlWords.Verbs.Contains(token.Text) || token.Is("WITH")))
                {
                    break;
                }
            }

            if (!runs)
            {
                _main = at;
                return "EXPLAIN";
            }

            at = inner;
        }

        if (at < tokens.Count && tokens[at].Is("WITH"))
        {
            at = BehindCommonTables(at + 1);
        }

        while (at < tokens.Count && tokens[at].Is('('))
        {
            at++;
        }

        if (at >= tokens.Count || tokens[at].Kind != SqlTokenKind.Word || !SqlWords.Verbs.Contains(tokens[at].Text))
        {
            _certain = false;
            return SqlFacts.Unknown;
        }

        _main = at;
        return tokens[at].Text.ToUpperInvariant();
    }

    /// <summary>Where the statement behind <c>WITH a AS (...), b AS (...)</c> begins.</summary>
    private int BehindCommonTables(int at)
    {
        int depth = 0;
        for (; at < tokens.Count; at++)
        {
            SqlToken token = tokens[at];
            if (token.Is('('))
            {
                depth++;
            }
            else if (token.Is(')'))
            {
                depth--;
            }
            else if (depth == 0 && token.Kind == SqlTokenKind.Word && SqlWords.Verbs.Contains(token.Text) && at > 0 && tokens[at - 1].Is(')'))
            {
                return at;
            }
        }

        return at;
    }

    private void WalkAll()
    {
        var openers = new Stack<(string Word, string? CommonTable)>();
        for (int i = 0; i < tokens.Count; i++)
        {
            SqlToken token = tokens[i];
            if (token.Is('('))
            {
                if (openers.Count >= MaxDepth)
                {
                    _certain = false;
                    return;
                }

                openers.Push((Opener(i), CommonTableAt(i)));
                if (i + 1 < tokens.Count && tokens[i + 1].Kind == SqlTokenKind.Word && SqlWords.Changing.Contains(tokens[i + 1].Text) && openers.Peek().Word == "AS")
                {
                    _changing.Add(tokens[i + 1].Text.ToUpperInvariant());
                }
            }
            else if (token.Is(')'))
            {
                if (!openers.TryPop(out (string Word, string? CommonTable) opener))
                {
                    _certain = false;
                    return;
                }

                if (opener.CommonTable is { } name)
                {
                    _named.Add(name);
                }
            }
            else if (token.Is(';'))
            {
                _certain = false;
            }
            else if (token.Kind == SqlTokenKind.Word)
            {
                Word(i, openers);
            }
        }

        _certain &= openers.Count == 0;
    }

    private void Word(int i, Stack<(string Word, string? CommonTable)> openers)
    {
        SqlToken token = tokens[i];
        bool qualified = i > 0 && tokens[i - 1].Is('.');
        if (qualified)
        {
            return;
        }

        bool distinct = i > 0 && tokens[i - 1].Is("DISTINCT");
        if (token.Is("FROM") || token.Is("USING"))
        {
            bool inFunction = openers.TryPeek(out (string Word, string? CommonTable) opener) && SqlWords.WithInnerFrom.Contains(opener.Word);
            if (!inFunction && !distinct && !(token.Is("USING") && i + 1 < tokens.Count && tokens[i + 1].Is('(')))
            {
                Tables(i + 1, list: true, required: token.Is("FROM"));
            }
        }
        else if (token.Is("JOIN") || token.Is("STRAIGHT_JOIN") || token.Is("APPLY"))
        {
            Tables(i + 1, list: false, required: true);
        }
        else if (token.Is("INTO") && i + 1 < tokens.Count)
        {
            if (_main >= 0 && tokens[_main].Is("SELECT"))
            {
                _certain = false;
            }

            Tables(i + 1, list: false, required: true);
        }
        else if (i == _main || (i > 0 && tokens[i - 1].Is('(')))
        {
            Subject(i);
        }

        if (i != _main && openers.Count == 0 && SqlWords.Changing.Contains(token.Text) && IsOwnStatement(i))
        {
            _certain = false;
        }
    }

    /// <summary>Whether a changing verb in the middle can be a second statement: T-SQL needs no semicolon.</summary>
    private bool IsOwnStatement(int i)
    {
        if (_main < 0 || i < _main)
        {
            return false;
        }

        SqlToken before = tokens[i - 1];
        if (before.Kind == SqlTokenKind.Word && SqlWords.BeforeInnerVerb.Contains(before.Text))
        {
            return false;
        }

        string verb = tokens[_main].Text.ToUpperInvariant();
        return verb is not ("GRANT" or "REVOKE" or "DENY" or "CREATE" or "ALTER" or "MERGE" or "PREPARE" or "EXPLAIN" or "COMMENT" or "COPY" or "DECLARE" or "EXECUTE" or "EXEC");
    }

    private void Subject(int i)
    {
        SqlToken verb = tokens[i];
        if (verb.Is("UPDATE") || verb.Is("TABLE"))
        {
            Tables(SkipObjectWords(i + 1), list: false, required: true);
        }
        else if (verb.Is("TRUNCATE") || verb.Is("LOCK") || verb.Is("COPY") || verb.Is("REPLACE") || verb.Is("INSERT") || verb.Is("MERGE") || verb.Is("DELETE"))
        {
            int at = SkipObjectWords(i + 1);
            bool handled = at > i + 1 && (tokens[at - 1].Is("INTO") || tokens[at - 1].Is("FROM"));
            if (!handled)
            {
                Tables(at, list: verb.Is("TRUNCATE"), required: false);
            }
        }
        else if ((verb.Is("DROP") || verb.Is("CREATE") || verb.Is("ALTER")) && i == _main)
        {
            int at = SkipObjectWords(i + 1);
            for (int k = i + 1; k < at; k++)
            {
                if (tokens[k].Is("TABLE") || tokens[k].Is("VIEW"))
                {
                    Tables(at, list: verb.Is("DROP"), required: false);
                    break;
                }
            }
        }
    }

    private int SkipObjectWords(int at)
    {
        while (at < tokens.Count && tokens[at].Kind == SqlTokenKind.Word && SqlWords.BeforeObject.Contains(tokens[at].Text))
        {
            at++;
        }

        return at;
    }
}
