namespace Agt.Policy.Facets.Sql;

internal enum SqlTokenKind : byte
{
    /// <summary>A word without quotes: a keyword or a name.</summary>
    Word,

    /// <summary>A name in quotes, its text without them.</summary>
    Quoted,
    Text,
    Number,
    Symbol,
}

/// <summary>One token of a statement. <see cref="Text"/> of a word is as written; of a symbol one character.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text)
{
    internal bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.Quoted;

    internal bool Is(char symbol) => Kind == SqlTokenKind.Symbol && Text[0] == symbol;

    internal bool Is(string word) => Kind == SqlTokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
