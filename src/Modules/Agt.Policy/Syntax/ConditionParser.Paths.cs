using System.Globalization;

namespace Agt.Policy.Syntax;

/// <content>Paths and calls, which both begin with a name.</content>
internal ref partial struct ConditionParser
{
    private PathNode Path() => (PathNode)Path(orCall: false);

    private ConditionNode Path(bool orCall)
    {
        Token root = _token;
        Advance();
        if (orCall && _token.Kind == TokenKind.OpenParenthesis)
        {
            return Call(root);
        }

        List<PathSegment>? segments = null;
        while (true)
        {
            if (_token.Kind == TokenKind.Dot)
            {
                if (_lexer.TryDigitsAfterDot(out string digits))
                {
                    (segments ??= []).Add(new PathSegment(digits, -1));
                    Advance();
                    continue;
                }

                Advance();

                // Keywords are fine as members: action.is, args.in.
                if (_token.Kind is not (TokenKind.Identifier or (>= TokenKind.True and <= TokenKind.Like)) || _token.Text.Length == 0)
                {
                    throw Unexpected("A member's name is missing", "Write a name after the point, or [\"any name\"].");
                }

                (segments ??= []).Add(new PathSegment(_token.Text, -1));
                Advance();
            }
            else if (_token.Kind == TokenKind.OpenBracket)
            {
                Advance();
                (segments ??= []).Add(Bracket());
                Expect(TokenKind.CloseBracket, "]");
            }
            else
            {
                return Count(new PathNode(root.At, new ConditionPath(root.Text, segments is null ? [] : [.. segments])));
            }
        }
    }

    private PathSegment Bracket()
    {
        Token token = _token;
        if (token.Kind == TokenKind.String)
        {
            Advance();
            return new PathSegment(token.Text, -1);
        }

        if (token.Kind == TokenKind.Number && int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            Advance();
            return new PathSegment(null, index);
        }

        throw Unexpected("An index is missing", "Write a whole number from 0, or a name in quotes.");
    }

    private CallNode Call(Token name)
    {
        ConditionFunction function = name.Text.ToLowerInvariant() switch
        {
            "has" => ConditionFunction.Has,
            "len" => ConditionFunction.Len,
            "lower" => ConditionFunction.Lower,
            "upper" => ConditionFunction.Upper,
            _ => throw new ConditionException("AGTP104", name.At, $"There is no function {name.Text}.", "The functions are has, len, lower and upper."),
        };
        Expect(TokenKind.OpenParenthesis, "(");
        ConditionNode argument = Or();
        Expect(TokenKind.CloseParenthesis, ")");
        return (CallNode)Count(new CallNode(name.At, function, argument));
    }
}
