using System.Globalization;
using System.Text;
using Agt.Policy.Syntax;
using Agt.Values;
using CsCheck;

namespace Agt.Policy.Tests.Syntax;

/// <summary>Trees, not texts, are what has to come back; they are compared by a notation that knows nothing of the printer.</summary>
public sealed class ConditionRoundTripTests
{
    private static readonly ConditionLimits Wide = new() { MaxLength = 1_000_000, MaxDepth = 1_000, MaxNodes = 100_000 };

    private static readonly PatternCache Patterns = new();

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.OneOf("", "a", "and", "it's", "\"q\"", "\\", "\\d+", "a\nb\r\t", "é", "😀", "\ud800", "\0", "\\u0041", "\\'", " x "), Gen.String[0, 6]);

    private static readonly Gen<GovernedValue> Literals = Gen.OneOf(
        Texts.Select(text => GovernedValue.From(text)),
        Gen.OneOf("0", "-1", "42", "9223372036854775808", "0.1", "-2.50", "1e9", "1E-7", "1.00").Select(text => GovernedValue.FromNumberText(text)),
        Gen.Int.Select(number => GovernedValue.From((long)number)),
        Gen.Bool.Select(flag => GovernedValue.From(flag)),
        Gen.Const(GovernedValue.Null));

    private static readonly Gen<PathSegment> Segments = Gen.OneOf(
        Gen.OneOf(Gen.OneOf("x", "in", "And", "true", "0", "12", "odd name", "", "a.b", "é1", "_"), Texts).Select(name => new PathSegment(name, -1)),
        Gen.Int[0, int.MaxValue].Select(index => new PathSegment(null, index)));

    private static readonly Gen<PathNode> Paths = Gen.Select(
        Gen.OneOf("args", "tool_name", "_", "Größe", "android", "nots", "has", "len"), Segments.Array[0, 4], (root, segments) => new PathNode(0, new ConditionPath(root, segments)));

    private static readonly Gen<ConditionNode> Trees = Gen.Recursive<ConditionNode>((depth, inner) =>
    {
        Gen<ConditionNode> leaf = Gen.OneOf(Paths.Select(path => (ConditionNode)path), Literals.Select(value => (ConditionNode)new LiteralNode(0, value)));
        return depth >= 5 ? leaf : Gen.OneOf(
            leaf,
            inner.Select(node => (ConditionNode)new NotNode(0, node)),
            inner.Array[2, 4].Select(nodes => (ConditionNode)new AndNode(0, nodes)),
            inner.Array[2, 4].Select(nodes => (ConditionNode)new OrNode(0, nodes)),
            Gen.Select(Gen.Enum<ConditionFunction>(), inner, (function, node) => (ConditionNode)new CallNode(0, function, node)),
            Gen.Select(Gen.Enum<ComparisonOperator>(), inner, inner, (op, left, right) => (ConditionNode)new ComparisonNode(0, op, left, right)),
            Gen.Select(Gen.Enum<TextOperator>(), inner, inner, (op, left, right) => (ConditionNode)new TextTestNode(0, op, left, right)),
            Gen.Select(inner, Literals.Array[0, 4], Gen.Bool, (node, items, negated) => (ConditionNode)new MembershipNode(0, node, items, negated)),
            Gen.Select(inner, Paths, Gen.Bool, (node, list, negated) => (ConditionNode)new PathMembershipNode(0, node, list, negated)),
            Gen.Select(inner, Gen.Bool, (node, negated) => (ConditionNode)new NullTestNode(0, node, negated)),
            Gen.Select(inner, Gen.OneOf("a*", "[!x]?", "'\"\\"), (node, glob) => (ConditionNode)new PatternNode(0, node, Patterns.Get(0, glob, glob: true))),
            Gen.Select(inner, Gen.OneOf("\\d+'", "a|\"b", "\\\\"), (node, regex) => (ConditionNode)new PatternNode(0, node, Patterns.Get(0, regex, glob: false))));
    });

    [Fact]
    [Requirement("POL-063")]
    public void A_tree_that_is_printed_and_read_is_the_same_tree() =>
        Trees.Sample(
            tree =>
            {
                string printed = ConditionPrinter.Print(tree);
                string back = Notation(ConditionParser.Parse(printed, Wide, new PatternCache()));
                Assert.Equal(Notation(tree), back);
            },
            iter: 20_000, threads: 1);

    [Fact]
    [Requirement("POL-063")]
    public void The_notation_tells_different_trees_apart()
    {
        string[] texts =
        [
            "a", "a.b", "a[\"b.c\"]", "a[0]", "a[\"0\"]", "'a'", "1", "'1'", "1.0", "true", "null", "not a", "a and b", "a or b", "a and (b and c)", "a and b and c", "has(a)", "len(a)",
            "a == b", "a != b", "a < b", "a contains b", "a startswith b", "a in [1]", "a not in [1]", "a in []", "a in b", "a not in b", "a is null", "a is not null", "a like 'x'", "a matches 'x'",
        ];

        Assert.Equal(texts.Length, texts.Select(text => Notation(ConditionParser.Parse(text, Wide, Patterns))).Distinct().Count());
    }

    private static string Notation(ConditionNode node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    private static void Write(StringBuilder text, ConditionNode node)
    {
        text.Append('(').Append(node.GetType().Name);
        switch (node)
        {
            case LiteralNode literal:
                Write(text, literal.Value);
                break;
            case PathNode path:
                Write(text, path.Path);
                break;
            case NotNode not:
                Write(text, not.Operand);
                break;
            case AndNode and:
                Array.ForEach(and.Operands, part => Write(text, part));
                break;
            case OrNode or:
                Array.ForEach(or.Operands, part => Write(text, part));
                break;
            case CallNode call:
                Write(text.Append(call.Function), call.Argument);
                break;
            case ComparisonNode comparison:
                Write(text.Append(comparison.Operator), comparison.Left);
                Write(text, comparison.Right);
                break;
            case TextTestNode test:
                Write(text.Append(test.Operator), test.Left);
                Write(text, test.Right);
                break;
            case MembershipNode membership:
                Write(text.Append(membership.Negated), membership.Operand);
                Array.ForEach(membership.Items, item => Write(text, item));
                break;
            case PathMembershipNode membership:
                Write(text.Append(membership.Negated), membership.Operand);
                Write(text, membership.List);
                break;
            case NullTestNode isNull:
                Write(text.Append(isNull.Negated), isNull.Operand);
                break;
            case PatternNode pattern:
                Write(text.Append(pattern.IsGlob), pattern.Operand);
                Write(text, GovernedValue.From(pattern.Source));
                break;
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }

        text.Append(')');
    }

    private static void Write(StringBuilder text, ConditionPath path)
    {
        Write(text, GovernedValue.From(path.Root));
        foreach (PathSegment segment in path.Segments)
        {
            text.Append(CultureInfo.InvariantCulture, $" {segment.Index}");
            Write(text, segment.Name is null ? GovernedValue.Null : GovernedValue.From(segment.Name));
        }
    }

    private static void Write(StringBuilder text, GovernedValue value)
    {
        text.Append(' ').Append(value.Kind).Append(' ').Append(value.NumberText());
        if (value.TryGetBoolean(out bool flag))
        {
            text.Append(flag);
        }

        foreach (char c in value.AsString() ?? string.Empty)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(int)c:x}.");
        }
    }
}
