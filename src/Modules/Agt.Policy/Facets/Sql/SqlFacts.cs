namespace Agt.Policy.Facets.Sql;

/// <summary>What a statement does, as far as its text says (POL-249).</summary>
/// <param name="Verb">In upper case; <c>UNKNOWN</c> if it cannot be told with certainty; empty for no statement.</param>
/// <param name="Target">What the verb acts on.</param>
/// <param name="Tables">Every table, in order of appearance.</param>
/// <param name="Functions">Every function that is called.</param>
internal sealed record SqlFacts(string Verb, string Target, IReadOnlyList<string> Tables, IReadOnlyList<string> Functions)
{
    internal const string Unknown = "UNKNOWN";

    internal static SqlFacts None { get; } = new(string.Empty, string.Empty, [], []);

    internal static SqlFacts NotUnderstood { get; } = new(Unknown, string.Empty, [], []);

    /// <summary>Reads a text that a database is to run.</summary>
    internal static SqlFacts Of(ReadOnlySpan<char> text, int maxCharacters)
    {
        if (text.Length > maxCharacters || SqlLexer.Read(text) is not { } tokens)
        {
            return NotUnderstood;
        }

        while (tokens.Count > 0 && tokens[^1].Is(';'))
        {
            tokens.RemoveAt(tokens.Count - 1);
        }

        return tokens.Count == 0 ? None : new SqlStatement(tokens).Read();
    }
}
