using Agt.Policy.Syntax;

namespace Agt.Policy.Validation;

/// <summary>
/// Finds what a condition may say and its author can hardly mean: a rule that never holds, a misspelt field, a result that is not there yet.
/// One per rule book; what it found out about a name it remembers.
/// </summary>
internal sealed class ConditionLint
{
    private static readonly string[] Roots =
    [
        "tool_name", "tool", "agent_id", "agent", "user", "tenant", "point", "operation", "framework", "action", "session", "trust_score", "verified", "args",
        "output", "facets",
    ];

    private readonly Dictionary<string, string?> _nearest = new(StringComparer.Ordinal);
    private readonly List<Finding> _found = [];

    /// <summary>Goes through a condition that has been checked.</summary>
    /// <param name="node">The condition.</param>
    /// <param name="points">Where its rule stands.</param>
    /// <returns>What was found, until the next call.</returns>
    internal List<Finding> Find(ConditionNode node, InterventionPoint[] points)
    {
        _found.Clear();
        if (IsNever(node))
        {
            Report("AGTP132", node.At, "The condition never holds, so the rule does nothing.", "Write what it should hold for, or set enabled: false.");
        }

        Visit(node, points.Length > 0 && Array.TrueForAll(points, point => point.BeginsAction()));
        return _found;
    }

    private void Report(string code, int offset, string message, string fix) => _found.Add(new Finding(code, offset, message, fix));

    private static bool IsNever(ConditionNode node) => node switch
    {
        LiteralNode literal => literal.Value.TryGetBoolean(out bool value) && !value,
        MembershipNode membership => membership.Items.Length == 0 && !membership.Negated,
        AndNode and => Array.Exists(and.Operands, IsNever),
        OrNode or => Array.TrueForAll(or.Operands, IsNever),
        PresentNode present => IsNever(present.Test) || present.Test is MembershipNode { Items.Length: 0, Negated: false },
        _ => false,
    };

    private void Visit(ConditionNode node, bool before)
    {
        switch (node)
        {
            case PathNode path:
                Path(path, before);
                break;
            case CallNode call:
                Visit(call.Argument, before);
                break;
            case NotNode not:
                Visit(not.Operand, before);
                break;
            case AndNode { Operands: var parts }:
                Visit(parts, before);
                break;
            case OrNode { Operands: var parts }:
                Visit(parts, before);
                break;
            case ComparisonNode comparison:
                Visit(comparison.Left, before);
                Visit(comparison.Right, before);
                break;
            case TextTestNode test:
                Visit(test.Left, before);
                Visit(test.Right, before);
                break;
            case MembershipNode membership:
                Visit(membership.Operand, before);
                break;
            case PathMembershipNode membership:
                Visit(membership.Operand, before);
                Visit(membership.List, before);
                break;
            case PatternNode pattern:
                Visit(pattern.Operand, before);
                break;
            case NullTestNode isNull:
                Visit(isNull.Operand, before);
                break;
            case PresentNode present:
                Visit(present.Test, before);
                break;
        }
    }

    private void Visit(ConditionNode[] parts, bool before)
    {
        foreach (ConditionNode part in parts)
        {
            Visit(part, before);
        }
    }

    private void Path(PathNode node, bool before)
    {
        string root = node.Path.Root;
        if (before && root == "output")
        {
            Report(
                "AGTP134", node.At, "The condition reads output, and at the stages of the rule there is none yet.",
                "Set stage: post_tool, post_model or pre_output. An argument of that name is args.output.");
        }

        if (!_nearest.TryGetValue(root, out string? nearest))
        {
            _nearest[root] = nearest = Nearest(root);
        }

        if (nearest is not null)
        {
            Report(
                "AGTP133", node.At, $"{node.Path} is read as an argument or a facet, and looks like {nearest}.",
                $"Did you mean '{nearest}'? If it is an argument, write args.{node.Path}.");
        }
    }

    /// <summary>The known root that one slip of the fingers turns into this one: other letter case, one letter, two letters swapped.</summary>
    private static string? Nearest(string root)
    {
        if (root.Length < 3 || Array.IndexOf(Roots, root) >= 0)
        {
            return null;
        }

        foreach (string known in Roots)
        {
            if (known.Equals(root, StringComparison.OrdinalIgnoreCase) || IsOneSlip(root, known))
            {
                return known;
            }
        }

        return null;
    }

    private static bool IsOneSlip(ReadOnlySpan<char> written, ReadOnlySpan<char> known)
    {
        int same = written.CommonPrefixLength(known);
        ReadOnlySpan<char> rest = written[same..];
        ReadOnlySpan<char> wanted = known[same..];
        return (rest.Length - wanted.Length) switch
        {
            1 => rest[1..].SequenceEqual(wanted),
            -1 => wanted[1..].SequenceEqual(rest),
            0 => rest[1..].SequenceEqual(wanted[1..]) ||
                (rest.Length > 1 && rest[0] == wanted[1] && rest[1] == wanted[0] && rest[2..].SequenceEqual(wanted[2..])),
            _ => false,
        };
    }

    /// <summary>One finding; <c>Offset</c> as in <see cref="ConditionNode.At"/>.</summary>
    internal readonly record struct Finding(string Code, int Offset, string Message, string Fix);
}
