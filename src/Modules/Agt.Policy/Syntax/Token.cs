using Agt.Values;

namespace Agt.Policy.Syntax;

internal readonly record struct Token(TokenKind Kind, int At, string Text, GovernedValue Value);

internal enum TokenKind : byte
{
    End,
    Identifier,
    String,
    Number,
    True,
    False,
    Null,
    And,
    Or,
    Not,
    In,
    Is,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Like,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    Comma,
    Dot,
}
