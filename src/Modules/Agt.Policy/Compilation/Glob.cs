namespace Agt.Policy.Compilation;

/// <summary>
/// The pattern of <c>like</c>: <c>*</c> is any run of characters, <c>?</c> one, <c>[seq]</c> and <c>[!seq]</c> one of a set; the whole text, case-sensitive.
/// Time is bounded by length of text times length of pattern.
/// </summary>
internal sealed class Glob : IEquatable<Glob>
{
    private readonly Token[] _tokens;

    internal Glob(string pattern)
    {
        Pattern = pattern;
        _tokens = Read(pattern);
        Prefix = LiteralPrefix(_tokens);
        IsPrefixOnly = _tokens.Length == Prefix.Length + 1 && _tokens[^1].Kind == TokenKind.AnyRun;
        IsLiteral = _tokens.Length == Prefix.Length;
    }

    internal string Pattern { get; }

    /// <summary>What every match begins with.</summary>
    internal string Prefix { get; }

    /// <summary>Whether it is <see cref="Prefix"/> and one <c>*</c>.</summary>
    internal bool IsPrefixOnly { get; }

    /// <summary>Whether it is <see cref="Prefix"/> and nothing else.</summary>
    internal bool IsLiteral { get; }

    /// <summary>The most steps a match of a text takes.</summary>
    internal long Cost(int length) => IsLiteral || IsPrefixOnly ? length : (long)(length + 1) * _tokens.Length;

    internal bool IsMatch(ReadOnlySpan<char> text)
    {
        if (IsPrefixOnly)
        {
            return text.StartsWith(Prefix, StringComparison.Ordinal);
        }

        if (IsLiteral)
        {
            return text.SequenceEqual(Prefix);
        }

        // Going back to the last star alone is enough, so this is no exponential search.
        int at = 0;
        int token = 0;
        int star = -1;
        int starAt = 0;
        while (at < text.Length)
        {
            if (token < _tokens.Length && _tokens[token].Kind == TokenKind.AnyRun)
            {
                star = token++;
                starAt = at;
            }
            else if (token < _tokens.Length && _tokens[token].Accepts(text[at]))
            {
                token++;
                at++;
            }
            else if (star >= 0)
            {
                token = star + 1;
                at = ++starAt;
            }
            else
            {
                return false;
            }
        }

        while (token < _tokens.Length && _tokens[token].Kind == TokenKind.AnyRun)
        {
            token++;
        }

        return token == _tokens.Length;
    }

    public bool Equals(Glob? other) => other is not null && Pattern == other.Pattern;

    public override bool Equals(object? obj) => Equals(obj as Glob);

    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    private static Token[] Read(string pattern)
    {
        var tokens = new List<Token>(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            int close = c == '[' ? CloseOf(pattern, i) : -1;
            if (close > 0)
            {
                bool negated = pattern[i + 1] == '!';
                tokens.Add(new Token(negated ? TokenKind.NoneOf : TokenKind.OneOf, '\0', pattern[(i + (negated ? 2 : 1))..close]));
                i = close;
            }
            else if (c != '*' || tokens.Count == 0 || tokens[^1].Kind != TokenKind.AnyRun)
            {
                tokens.Add(new Token(c switch { '*' => TokenKind.AnyRun, '?' => TokenKind.AnyOne, _ => TokenKind.Literal }, c, null));
            }
        }

        return [.. tokens];
    }

    /// <summary>Where the set that opens at <paramref name="open"/> ends, or -1: then the bracket is a character like any other.</summary>
    private static int CloseOf(string pattern, int open)
    {
        int first = open + 1;
        if (first < pattern.Length && pattern[first] == '!')
        {
            first++;
        }

        // A bracket that comes first in a set belongs to it.
        return first < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
    }

    private static string LiteralPrefix(Token[] tokens)
    {
        int count = 0;
        while (count < tokens.Length && tokens[count].Kind == TokenKind.Literal)
        {
            count++;
        }

        return string.Create(count, tokens, static (text, source) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = source[i].Character;
            }
        });
    }

    private enum TokenKind : byte
    {
        Literal,
        AnyOne,
        AnyRun,
        OneOf,
        NoneOf,
    }

    private readonly record struct Token(TokenKind Kind, char Character, string? Set)
    {
        internal bool Accepts(char c) => Kind switch
        {
            TokenKind.Literal => c == Character,
            TokenKind.AnyOne => true,
            TokenKind.OneOf => InSet(c),
            TokenKind.NoneOf => !InSet(c),
            _ => false,
        };

        private bool InSet(char c)
        {
            string set = Set!;
            for (int i = 0; i < set.Length; i++)
            {
                if (i + 2 < set.Length && set[i + 1] == '-')
                {
                    if (c >= set[i] && c <= set[i + 2])
                    {
                        return true;
                    }

                    i += 2;
                }
                else if (set[i] == c)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
