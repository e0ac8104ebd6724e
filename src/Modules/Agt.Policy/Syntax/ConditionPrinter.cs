using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt.Policy.Syntax;

/// <summary>Writes a condition as text that reads back as the same tree.</summary>
internal static class ConditionPrinter
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] TextTests = ["contains", "startswith", "endswith"];

    internal static string Print(ConditionNode node)
    {
        var text = new StringBuilder();
        Print(text, node, Level.Or);
        return text.ToString();
    }

    internal static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (c < ' ' || char.IsSurrogate(c))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        text.Append('"');
    }

    private static void Print(StringBuilder text, ConditionNode node, Level level)
    {
        bool wrap = LevelOf(node) < level;
        if (wrap)
        {
            text.Append('(');
        }

        Bare(text, node);
        if (wrap)
        {
            text.Append(')');
        }
    }

    private static void Bare(StringBuilder text, ConditionNode node)
    {
        switch (node)
        {
            case OrNode { Operands.Length: 0 }:
                text.Append("false");
                break;
            case AndNode { Operands.Length: 0 }:
                text.Append("true");
                break;
            case OrNode or:
                Join(text, or.Operands, " or ", Level.And);
                break;
            case AndNode and:
                Join(text, and.Operands, " and ", Level.Unary);
                break;
            case NotNode not:
                text.Append("not ");
                Print(text, not.Operand, Level.Unary);
                break;
            case ComparisonNode comparison:
                Binary(text, comparison.Left, Comparisons[(int)comparison.Operator], comparison.Right);
                break;
            case TextTestNode test:
                Binary(text, test.Left, TextTests[(int)test.Operator], test.Right);
                break;
            case PatternNode pattern:
                Print(text, pattern.Operand, Level.Operand);
                text.Append(pattern.IsGlob ? " like " : " matches ");
                Quote(text, pattern.Source);
                break;
            case NullTestNode isNull:
                Print(text, isNull.Operand, Level.Operand);
                text.Append(isNull.Negated ? " is not null" : " is null");
                break;
            case MembershipNode membership:
                Print(text, membership.Operand, Level.Operand);
                text.Append(membership.Negated ? " not in [" : " in [");
                for (int i = 0; i < membership.Items.Length; i++)
                {
                    text.Append(i > 0 ? ", " : string.Empty);
                    Literal(text, membership.Items[i]);
                }

                text.Append(']');
                break;
            case PathMembershipNode membership:
                Print(text, membership.Operand, Level.Operand);
                text.Append(membership.Negated ? " not in " : " in ").Append(membership.List.Path);
                break;
            case CallNode call:
                text.Append(call.Function.ToString().ToLowerInvariant()).Append('(');
                Print(text, call.Argument, Level.Or);
                text.Append(')');
                break;
            case PathNode path:
                text.Append(path.Path);
                break;
            case LiteralNode literal:
                Literal(text, literal.Value);
                break;
            case PresentNode present:
                // The structured form has no text of its own; this one means the same.
                text.Append("(has(").Append(present.Path).Append(") and ");
                Print(text, present.Test, Level.Unary);
                text.Append(')');
                break;
            default:
                throw new InvalidOperationException("Unknown node " + node.GetType().Name);
        }
    }

    private static void Join(StringBuilder text, ConditionNode[] operands, string word, Level level)
    {
        for (int i = 0; i < operands.Length; i++)
        {
            text.Append(i > 0 ? word : string.Empty);
            Print(text, operands[i], level);
        }
    }

    private static void Binary(StringBuilder text, ConditionNode left, string word, ConditionNode right)
    {
        Print(text, left, Level.Operand);
        text.Append(' ').Append(word).Append(' ');
        Print(text, right, Level.Operand);
    }

    private static void Literal(StringBuilder text, GovernedValue value)
    {
        if (value.AsString() is { } quoted)
        {
            Quote(text, quoted);
        }
        else
        {
            text.Append(value.NumberText() ?? (value.TryGetBoolean(out bool flag) ? (flag ? "true" : "false") : "null"));
        }
    }

    private static Level LevelOf(ConditionNode node) => node switch
    {
        OrNode => Level.Or,
        AndNode => Level.And,
        NotNode => Level.Unary,
        ComparisonNode or TextTestNode or PatternNode or NullTestNode or MembershipNode or PathMembershipNode => Level.Test,
        _ => Level.Operand,
    };

    private enum Level
    {
        Or,
        And,
        Unary,
        Test,
        Operand,
    }
}
