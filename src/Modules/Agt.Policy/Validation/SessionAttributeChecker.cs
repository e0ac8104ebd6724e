using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Validation;

/// <summary>Ties <c>session.NAME</c> to the attribute that the document declares, and refuses what an attribute can never be.</summary>
internal static class SessionAttributeChecker
{
    internal static void Bind(ConditionNode node, IReadOnlyDictionary<string, SessionAttributeDefinition> attributes)
    {
        if (attributes.Count == 0)
        {
            return;
        }

        foreach (ConditionPath path in ConditionPaths.Of(node))
        {
            if (path is { Root: "session", Segments: [{ Name: { } name }] } && attributes.TryGetValue(name, out SessionAttributeDefinition? attribute))
            {
                path.Attribute = attribute;
            }
        }
    }

    /// <exception cref="ConditionException">An attribute is compared with what is none of its values, or by the alphabet.</exception>
    internal static void Check(ConditionNode node)
    {
        switch (node)
        {
            case NotNode not:
                Check(not.Operand);
                break;
            case AndNode and:
                Array.ForEach(and.Operands, Check);
                break;
            case OrNode or:
                Array.ForEach(or.Operands, Check);
                break;
            case PresentNode present:
                Check(present.Test);
                break;
            case ComparisonNode comparison:
                Comparison(comparison);
                Check(comparison.Left);
                Check(comparison.Right);
                break;
            case MembershipNode membership:
                Membership(membership);
                Check(membership.Operand);
                break;
            case CallNode call:
                Check(call.Argument);
                break;
            default:
                break;
        }
    }

    private static void Membership(MembershipNode membership)
    {
        if (AttributeOf(membership.Operand) is not { } attribute)
        {
            return;
        }

        foreach (GovernedValue item in membership.Items)
        {
            Known(attribute, item, membership.At);
        }
    }

    private static void Comparison(ComparisonNode comparison)
    {
        if (AttributeOf(comparison.Left) is { } left)
        {
            Against(comparison, left, comparison.Right, comparison.Operator);
        }
        else if (AttributeOf(comparison.Right) is { } right)
        {
            Against(comparison, right, comparison.Left, Mirror(comparison.Operator));
        }
    }

    private static void Against(ComparisonNode comparison, SessionAttributeDefinition attribute, ConditionNode other, ComparisonOperator comparisonOperator)
    {
        if (comparisonOperator > ComparisonOperator.NotEqual)
        {
            throw new ConditionException(
                "AGTP135", comparison.At, $"session.{attribute.Name} would be compared by the alphabet, not by its ordering.",
                other is LiteralNode { Value: var bound } && bound.AsString() is { } text && attribute.IndexOf(text) is >= 0 and var place
                    ? Listing(attribute, Accepted(attribute, comparisonOperator, place))
                    : $"List the values that are meant: session.{attribute.Name} in [...].");
        }

        if (other is LiteralNode { Value: var value })
        {
            Known(attribute, value, comparison.At);
        }
    }

    private static string[] Accepted(SessionAttributeDefinition attribute, ComparisonOperator comparisonOperator, int place) => [.. attribute.Ordering.Where((_, index) => comparisonOperator switch
    {
        ComparisonOperator.Less => index < place,
        ComparisonOperator.LessOrEqual => index <= place,
        ComparisonOperator.Greater => index > place,
        _ => index >= place,
    })];

    private static string Listing(SessionAttributeDefinition attribute, string[] values) => values.Length == 0
        ? "No value is in that range; remove the test."
        : $"Write session.{attribute.Name} in [{string.Join(", ", values.Select(value => "'" + value + "'"))}].";

    private static void Known(SessionAttributeDefinition attribute, GovernedValue value, int at)
    {
        if (value.AsString() is { } text && attribute.IndexOf(text) < 0)
        {
            throw new ConditionException(
                "AGTP135", at, $"session.{attribute.Name} is never '{text}'.", $"Its values: {string.Join(", ", attribute.Ordering)}.");
        }
    }

    private static ComparisonOperator Mirror(ComparisonOperator comparisonOperator) => comparisonOperator switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => comparisonOperator,
    };

    private static SessionAttributeDefinition? AttributeOf(ConditionNode node) => (node as PathNode)?.Path.Attribute;
}
