using Agt.Values;

namespace Agt.Policy.Syntax;

/// <summary>Reads the string form of a condition (grammar in POL 5.1), to its end or not at all.</summary>
internal ref partial struct ConditionParser
{
    private readonly ConditionLimits _limits;
    private readonly PatternCache _patterns;
    private Lexer _lexer;
    private Token _token;
    private int _depth;
    private int _nodes;

    private ConditionParser(ReadOnlySpan<char> text, ConditionLimits limits, PatternCache patterns)
    {
        _limits = limits;
        _patterns = patterns;
        _lexer = new Lexer(text);
        _token = _lexer.Next();
    }

    /// <summary>Parses a condition.</summary>
    /// <exception cref="ConditionException">It is malformed or beyond the limits.</exception>
    internal static ConditionNode Parse(string text, ConditionLimits limits, PatternCache patterns)
    {
        int nodes = 0;
        return Parse(text, limits, patterns, ref nodes);
    }

    /// <summary>Parses one of the conditions of a rule, which together have <see cref="ConditionLimits.MaxNodes"/>.</summary>
    /// <exception cref="ConditionException">It is malformed or beyond the limits.</exception>
    internal static ConditionNode Parse(string text, ConditionLimits limits, PatternCache patterns, ref int nodes)
    {
        if (text.Length > limits.MaxLength)
        {
            throw new ConditionException("AGTP110", limits.MaxLength, $"A condition has more than {limits.MaxLength} characters.", "Split the rule.");
        }

        // The condition itself is no level: parentheses, not and calls are.
        var parser = new ConditionParser(text, limits, patterns) { _nodes = nodes, _depth = -1 };
        if (parser._token.Kind == TokenKind.End)
        {
            throw new ConditionException("AGTP103", 0, "The condition is empty.", "Write true for a rule that always applies.");
        }

        ConditionNode node = parser.Or();
        nodes = parser._nodes;
        return parser._token.Kind == TokenKind.End
            ? node
            : throw parser.Unexpected("The condition should end here", "Join tests with and or or; a test has at most one operator.");
    }

    private ConditionNode Or()
    {
        Enter();
        ConditionNode first = And();
        if (_token.Kind != TokenKind.Or)
        {
            _depth--;
            return first;
        }

        int at = _token.At;
        var operands = new List<ConditionNode> { first };
        while (Accept(TokenKind.Or))
        {
            operands.Add(And());
        }

        _depth--;
        return Count(new OrNode(at, [.. operands]));
    }

    private ConditionNode And()
    {
        ConditionNode first = Unary();
        if (_token.Kind != TokenKind.And)
        {
            return first;
        }

        int at = _token.At;
        var operands = new List<ConditionNode> { first };
        while (Accept(TokenKind.And))
        {
            operands.Add(Unary());
        }

        return Count(new AndNode(at, [.. operands]));
    }

    private ConditionNode Unary()
    {
        int at = _token.At;
        if (!Accept(TokenKind.Not))
        {
            return Test();
        }

        Enter();
        ConditionNode operand = Unary();
        _depth--;
        return Count(new NotNode(at, operand));
    }

    private ConditionNode Test()
    {
        ConditionNode left = Operand();
        int at = _token.At;
        switch (_token.Kind)
        {
            case >= TokenKind.Equal and <= TokenKind.GreaterOrEqual:
                var comparison = (ComparisonOperator)(_token.Kind - TokenKind.Equal);
                Advance();
                return Count(new ComparisonNode(at, comparison, left, Operand()));
            case >= TokenKind.Contains and <= TokenKind.EndsWith:
                var test = (TextOperator)(_token.Kind - TokenKind.Contains);
                Advance();
                return Count(new TextTestNode(at, test, left, Operand()));
            case TokenKind.Matches or TokenKind.Like:
                bool glob = _token.Kind == TokenKind.Like;
                Advance();
                return Pattern(at, left, glob);
            case TokenKind.Is:
                Advance();
                bool notNull = Accept(TokenKind.Not);
                Expect(TokenKind.Null, "null");
                return Count(new NullTestNode(at, left, notNull));
            case TokenKind.In:
                Advance();
                return In(at, left, negated: false);
            case TokenKind.Not:
                Advance();
                Expect(TokenKind.In, "in");
                return In(at, left, negated: true);
            default:
                return left;
        }
    }

    private ConditionNode Pattern(int at, ConditionNode left, bool glob)
    {
        Token pattern = _token;
        if (pattern.Kind != TokenKind.String)
        {
            throw Unexpected("A pattern must be a text in quotes", "Write the pattern itself, in quotes; it is compiled when the policy is loaded.");
        }

        Advance();
        return Count(_patterns.Node(at, pattern.At, left, pattern.Text, glob, _limits));
    }

    private ConditionNode In(int at, ConditionNode operand, bool negated)
    {
        if (_token.Kind == TokenKind.Identifier)
        {
            return Count(new PathMembershipNode(at, operand, Path(), negated));
        }

        if (_token.Kind != TokenKind.OpenBracket)
        {
            throw Unexpected("After in comes a list or a path", "Write a list such as ['a', 'b'].");
        }

        return Count(new MembershipNode(at, operand, List(), negated));
    }

    private GovernedValue[] List()
    {
        Expect(TokenKind.OpenBracket, "[");
        var items = new List<GovernedValue>();
        if (!Accept(TokenKind.CloseBracket))
        {
            do
            {
                if (items.Count == _limits.MaxListItems)
                {
                    throw new ConditionException("AGTP113", _token.At, $"A list has more than {_limits.MaxListItems} items.", "Split the list over several rules.");
                }

                items.Add(Literal() ?? throw Unexpected("A list holds literals", "Write text in quotes, a number, true, false or null."));
            }
            while (Accept(TokenKind.Comma));
            Expect(TokenKind.CloseBracket, "]");
        }

        return [.. items];
    }

    private GovernedValue? Literal()
    {
        GovernedValue? value = _token.Kind switch
        {
            TokenKind.String => GovernedValue.From(_token.Text),
            TokenKind.Number => _token.Value,
            TokenKind.True => GovernedValue.From(true),
            TokenKind.False => GovernedValue.From(false),
            TokenKind.Null => GovernedValue.Null,
            _ => null,
        };
        if (value is not null)
        {
            Advance();
        }

        return value;
    }

    private ConditionNode Operand()
    {
        int at = _token.At;
        if (Literal() is { } literal)
        {
            return Count(new LiteralNode(at, literal));
        }

        if (Accept(TokenKind.OpenParenthesis))
        {
            ConditionNode inner = Or();
            Expect(TokenKind.CloseParenthesis, ")");
            return inner;
        }

        if (_token.Kind != TokenKind.Identifier)
        {
            throw Unexpected("A value, a path or a parenthesis is missing", "Write what is compared, such as tool_name or 'text'.");
        }

        return Path(orCall: true) switch
        {
            PathNode path => path,
            var call => call,
        };
    }

    private void Enter()
    {
        if (++_depth > _limits.MaxDepth)
        {
            throw new ConditionException("AGTP111", _token.At, $"A condition is nested deeper than {_limits.MaxDepth} levels.", "Split the rule.");
        }
    }

    private ConditionNode Count(ConditionNode node)
    {
        if (++_nodes > _limits.MaxNodes)
        {
            throw new ConditionException("AGTP112", node.At, $"A condition has more than {_limits.MaxNodes} parts.", "Split the rule.");
        }

        return node;
    }

    private void Advance() => _token = _lexer.Next();

    private bool Accept(TokenKind kind)
    {
        if (_token.Kind != kind)
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Expect(TokenKind kind, string text)
    {
        if (!Accept(kind))
        {
            throw Unexpected($"Expected {text}", $"Write {text} here.");
        }
    }

    private readonly ConditionException Unexpected(string what, string fix) =>
        new("AGTP103", _token.At, _token.Kind == TokenKind.End ? what + ", but the condition ends." : what + ".", fix);
}
