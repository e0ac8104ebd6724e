namespace Agt.Policy.Facets.Sql;

/// <content>Tables, functions and the names that common table expressions define.</content>
internal sealed partial class SqlStatement
{
    /// <summary>Notes the table at a place, and those behind commas.</summary>
    private void Tables(int at, bool list, bool required)
    {
        while (true)
        {
            while (at < tokens.Count && (tokens[at].Is("ONLY") || tokens[at].Is("LATERAL") || tokens[at].Is("TABLE")))
            {
                at++;
            }

            if (at >= tokens.Count || tokens[at].Is('('))
            {
                _certain &= at < tokens.Count || !required;
                at = SkipBrackets(at);
            }
            else if (!tokens[at].IsName || tokens[at].Is("SELECT"))
            {
                _certain &= !required;
                return;
            }
            else
            {
                int last = LastPart(at);
                if (last + 1 >= tokens.Count || !tokens[last + 1].Is('(') || IsColumnList(last + 1))
                {
                    AddTable(last, isQualified: last > at);
                }

                at = last + 1;
            }

            if (!list)
            {
                return;
            }

            at = NextInList(at);
            if (at < 0)
            {
                return;
            }
        }
    }

    /// <summary>Behind the comma that follows a table and its alias; -1 when the list ends first.</summary>
    private int NextInList(int at)
    {
        while (at < tokens.Count)
        {
            SqlToken token = tokens[at];
            if (token.Is(','))
            {
                return at + 1;
            }

            if (token.Is(')') || token.Is(';'))
            {
                return -1;
            }

            // A comma may come behind the condition of a join as well.
            if (token.Kind == SqlTokenKind.Word && SqlWords.AfterTables.Contains(token.Text) && !IsJoinWord(token))
            {
                return -1;
            }

            at = token.Is('(') ? SkipBrackets(at) : at + 1;
        }

        return -1;
    }

    private static bool IsJoinWord(SqlToken token) =>
        token.Is("JOIN") || token.Is("INNER") || token.Is("LEFT") || token.Is("RIGHT") || token.Is("FULL") || token.Is("CROSS") || token.Is("NATURAL") || token.Is("ON") || token.Is("STRAIGHT_JOIN") || token.Is("USING");

    private int SkipBrackets(int at)
    {
        int depth = 0;
        for (; at < tokens.Count; at++)
        {
            depth += tokens[at].Is('(') ? 1 : tokens[at].Is(')') ? -1 : 0;
            if (depth == 0)
            {
                return at + 1;
            }
        }

        return at;
    }

    /// <summary>The last part of a dotted name.</summary>
    private int LastPart(int at)
    {
        while (at + 1 < tokens.Count && tokens[at + 1].Is('.'))
        {
            int next = at + 2;
            while (next < tokens.Count && tokens[next].Is('.'))
            {
                next++;
            }

            if (next >= tokens.Count || !tokens[next].IsName)
            {
                _certain = false;
                return at;
            }

            at = next;
        }

        return at;
    }

    /// <summary>Whether <c>t (...)</c> lists columns, as in INSERT, rather than calls a function.</summary>
    private bool IsColumnList(int open)
    {
        int end = SkipBrackets(open);
        if (_main >= 0 && (tokens[_main].Is("CREATE") || tokens[_main].Is("COPY")))
        {
            return true;
        }

        return end < tokens.Count && (tokens[end].Is("VALUES") || tokens[end].Is("SELECT") || tokens[end].Is("DEFAULT") || tokens[end].Is("WITH") || tokens[end].Is("OUTPUT") || tokens[end].Is("OVERRIDING") || tokens[end].Is('('));
    }

    /// <summary>The word before an opening bracket; notes it if it is a function.</summary>
    private string Opener(int open)
    {
        if (open == 0 || !tokens[open - 1].IsName)
        {
            return string.Empty;
        }

        SqlToken before = tokens[open - 1];
        bool qualified = open > 1 && tokens[open - 2].Is('.');
        if (before.Kind == SqlTokenKind.Word && !qualified && SqlWords.NoFunctions.Contains(before.Text))
        {
            return before.Text.ToUpperInvariant();
        }

        if (!IsTableOrCommonTable(open))
        {
            string name = before.Text.ToLowerInvariant();
            if (_seenFunctions.Add(name))
            {
                _functions.Add(name);
            }
        }

        return before.Text.ToUpperInvariant();
    }

    private bool IsTableOrCommonTable(int open)
    {
        int first = open - 1;
        while (first >= 2 && tokens[first - 1].Is('.') && tokens[first - 2].IsName)
        {
            first -= 2;
        }

        if (first == 0)
        {
            return false;
        }

        SqlToken lead = tokens[first - 1];
        if (lead.Is("INTO") || lead.Is("COPY") || lead.Is("TABLE") || lead.Is("VIEW") || lead.Is("EXISTS"))
        {
            return true;
        }

        int end = SkipBrackets(open);
        return (lead.Is("WITH") || lead.Is("RECURSIVE") || lead.Is(',') || lead.Is("AS")) && end < tokens.Count && tokens[end].Is("AS") && end + 1 < tokens.Count
            && (tokens[end + 1].Is('(') || tokens[end + 1].Is("MATERIALIZED") || tokens[end + 1].Is("NOT"));
    }

    /// <summary>The name that a bracket behind <c>name AS</c> defines.</summary>
    private string? CommonTableAt(int open)
    {
        int at = open - 1;
        while (at >= 0 && (tokens[at].Is("MATERIALIZED") || tokens[at].Is("NOT")))
        {
            at--;
        }

        if (at < 1 || !tokens[at].Is("AS"))
        {
            return null;
        }

        at--;
        if (tokens[at].Is(')'))
        {
            int depth = 0;
            for (; at >= 0; at--)
            {
                depth += tokens[at].Is(')') ? 1 : tokens[at].Is('(') ? -1 : 0;
                if (depth == 0)
                {
                    break;
                }
            }

            at--;
        }

        return at >= 1 && tokens[at].IsName && (tokens[at - 1].Is("WITH") || tokens[at - 1].Is("RECURSIVE") || tokens[at - 1].Is(',')) ? tokens[at].Text.ToLowerInvariant() : null;
    }

    private void AddTable(int at, bool isQualified)
    {
        string name = tokens[at].Text.ToLowerInvariant();
        if (isQualified || !_named.Contains(name))
        {
            _tables.Add((at, name));
        }
    }

    private string Target(string verb)
    {
        switch (verb)
        {
            case "SELECT" or "INSERT" or "UPDATE" or "DELETE" or "MERGE" or "REPLACE" or "TRUNCATE" or "LOCK" or "COPY":
                return TargetTable(verb);
            case "CREATE" or "DROP" or "ALTER" or "CALL" or "EXEC" or "EXECUTE" or "USE" or "DESCRIBE" or "DESC" or "VACUUM" or "ANALYZE" or "REINDEX" or "REFRESH" or "PRAGMA" or "RENAME" or "PREPARE":
                int at = SkipObjectWords(_main + 1);
                return at < tokens.Count && tokens[at].IsName ? tokens[LastPart(at)].Text.ToLowerInvariant() : string.Empty;
            case "GRANT" or "REVOKE" or "DENY" or "COMMENT":
                for (int i = _main + 1; i < tokens.Count; i++)
                {
                    if (tokens[i].Is("ON"))
                    {
                        int named = SkipObjectWords(i + 1);
                        return named < tokens.Count && tokens[named].IsName ? tokens[LastPart(named)].Text.ToLowerInvariant() : string.Empty;
                    }
                }

                return string.Empty;
            default:
                return string.Empty;
        }
    }

    /// <summary>The first table behind the verb itself, not one of a common table expression before it or of a bracket behind it.</summary>
    private string TargetTable(string verb)
    {
        int depth = 0;
        for (int i = _main; i < tokens.Count; i++)
        {
            depth += tokens[i].Is('(') ? 1 : tokens[i].Is(')') ? -1 : 0;
            bool leads = verb switch
            {
                "SELECT" => tokens[i].Is("FROM") && !tokens[i - 1].Is("DISTINCT"),
                "INSERT" or "REPLACE" or "MERGE" => i == _main || tokens[i].Is("INTO"),
                "DELETE" => tokens[i].Is("FROM"),
                _ => i == _main,
            };
            if (!leads || depth > 0)
            {
                continue;
            }

            int at = SkipObjectWords(i + 1);
            if (at < tokens.Count && tokens[at].Is('('))
            {
                return string.Empty;
            }

            if (at < tokens.Count && tokens[at].IsName)
            {
                return tokens[LastPart(at)].Text.ToLowerInvariant();
            }
        }

        return string.Empty;
    }
}
