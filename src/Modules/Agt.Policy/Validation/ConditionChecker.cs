using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Validation;

/// <summary>Refuses what can be seen to be wrong before any action comes: operators on types they do not take, tests that can never hold.</summary>
internal static class ConditionChecker
{
    /// <summary>Checks a whole condition.</summary>
    /// <exception cref="ConditionException">The condition is wrong.</exception>
    internal static void Check(ConditionNode node) => Boolean(node);

    /// <summary>Checks a whole condition that may read attributes of the session.</summary>
    /// <exception cref="ConditionException">The condition is wrong.</exception>
    internal static void Check(ConditionNode node, IReadOnlyDictionary<string, SessionAttributeDefinition> attributes)
    {
        SessionAttributeChecker.Bind(node, attributes);
        Boolean(node);
        SessionAttributeChecker.Check(node);
    }

    internal static ValueType TypeOf(ConditionNode node) => node switch
    {
        LiteralNode literal => TypeOf(literal.Value),
        PathNode path => FieldCatalog.Resolve(path).Type,
        CallNode call => call.Function switch
        {
            ConditionFunction.Has => ValueType.Boolean,
            ConditionFunction.Len => ValueType.Number,
            _ => ValueType.Text,
        },
        _ => ValueType.Boolean,
    };

    private static ValueType TypeOf(GovernedValue value) => value.Kind switch
    {
        ValueKind.Null => ValueType.Null,
        ValueKind.Boolean => ValueType.Boolean,
        ValueKind.String => ValueType.Text,
        ValueKind.List => ValueType.List,
        _ => ValueType.Number,
    };

    private static void Boolean(ConditionNode node)
    {
        switch (node)
        {
            case NotNode not:
                Boolean(not.Operand);
                return;
            case AndNode and:
                Array.ForEach(and.Operands, Boolean);
                return;
            case OrNode or:
                Array.ForEach(or.Operands, Boolean);
                return;
            case PresentNode present:
                Boolean(present.Test);
                return;
        }

        ValueType type = Operand(node);
        if (type is not (ValueType.Boolean or ValueType.Any))
        {
            throw new ConditionException("AGTP130", node.At, $"A condition is true or false, and this is {Name(type)}.", "Compare it with something, such as == 'text' or > 10.");
        }
    }

    private static ValueType Operand(ConditionNode node)
    {
        switch (node)
        {
            case LiteralNode or PathNode:
                return TypeOf(node);
            case CallNode call:
                Call(call);
                return TypeOf(call);
            case ComparisonNode comparison:
                Comparison(comparison);
                return ValueType.Boolean;
            case TextTestNode test:
                TextTest(test);
                return ValueType.Boolean;
            case PatternNode pattern:
                ValueType subject = Operand(pattern.Operand);
                if (subject is ValueType.Null || (pattern.IsGlob && subject is ValueType.Number or ValueType.Boolean or ValueType.List))
                {
                    throw Wrong(pattern, pattern.IsGlob ? "like" : "matches", subject);
                }

                return ValueType.Boolean;
            case NullTestNode isNull:
                Operand(isNull.Operand);
                return ValueType.Boolean;
            case MembershipNode membership:
                ValueType item = Operand(membership.Operand);
                if (item is ValueType.List)
                {
                    throw Wrong(membership, "in", item);
                }

                Items(membership, item);

                return ValueType.Boolean;
            case PathMembershipNode membership:
                Operand(membership.Operand);
                ValueType list = Operand(membership.List);
                if (list is not (ValueType.Any or ValueType.List))
                {
                    throw new ConditionException("AGTP130", membership.List.At, $"{membership.List.Path} is {Name(list)}, not a list.", "Use contains to look inside text, or == to compare.");
                }

                return ValueType.Boolean;
            default:
                Boolean(node);
                return ValueType.Boolean;
        }
    }

    private static void Items(MembershipNode membership, ValueType operand)
    {
        foreach (GovernedValue item in membership.Items)
        {
            ValueType type = TypeOf(item);
            if (operand is not (ValueType.Any or ValueType.Null) && type != operand && type != ValueType.Null)
            {
                throw new ConditionException("AGTP130", membership.At, $"{Capital(Name(operand))} never equals {Name(type)}, which is in the list.", "List values of one type; nothing is converted.");
            }
        }
    }

    private static void Call(CallNode call)
    {
        ValueType argument = Operand(call.Argument);
        bool fits = call.Function switch
        {
            ConditionFunction.Has => call.Argument is PathNode,
            ConditionFunction.Len => argument is ValueType.Text or ValueType.List or ValueType.Any,
            _ => argument is ValueType.Text or ValueType.Any,
        };
        if (!fits)
        {
            throw new ConditionException(
                "AGTP130", call.At, $"{call.Function.ToString().ToLowerInvariant()}() does not take {Name(argument)}.",
                call.Function == ConditionFunction.Has ? "Give it a path, as in has(args.force)." : "Give it a path or a text.");
        }
    }

    private static void Comparison(ComparisonNode comparison)
    {
        ValueType left = Operand(comparison.Left);
        ValueType right = Operand(comparison.Right);
        if (comparison.Operator <= ComparisonOperator.NotEqual)
        {
            if (left != ValueType.Any && right != ValueType.Any && left != right && left != ValueType.Null && right != ValueType.Null)
            {
                throw new ConditionException("AGTP130", comparison.At, $"{Name(left)} and {Name(right)} are never equal.", "Compare values of one type; nothing is converted.");
            }

            return;
        }

        foreach (ValueType type in (ReadOnlySpan<ValueType>)[left, right])
        {
            if (type is ValueType.Null or ValueType.Boolean or ValueType.List)
            {
                throw Wrong(comparison, "an ordering", type);
            }
        }

        if (left != ValueType.Any && right != ValueType.Any && left != right)
        {
            throw new ConditionException("AGTP130", comparison.At, $"{Name(left)} and {Name(right)} have no order.", "Compare two numbers or two texts; nothing is converted.");
        }
    }

    private static void TextTest(TextTestNode test)
    {
        ValueType left = Operand(test.Left);
        ValueType right = Operand(test.Right);
        string name = test.Operator.ToString().ToLowerInvariant();
        if (left is ValueType.Null or ValueType.Boolean or ValueType.Number || (left == ValueType.List && test.Operator != TextOperator.Contains))
        {
            throw Wrong(test, name, left);
        }

        bool textOnly = left == ValueType.Text || test.Operator != TextOperator.Contains;
        if (right == ValueType.List || (textOnly && right is ValueType.Null or ValueType.Boolean or ValueType.Number))
        {
            throw Wrong(test, name, right);
        }
    }

    private static ConditionException Wrong(ConditionNode node, string what, ValueType type) =>
        new("AGTP130", node.At, $"{Capital(what)} does not take {Name(type)}.", "Use another operator, or a value of the type it takes.");

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Name(ValueType type) => type switch
    {
        ValueType.Null => "null",
        ValueType.Boolean => "true or false",
        ValueType.Number => "a number",
        ValueType.Text => "text",
        ValueType.List => "a list",
        _ => "any value",
    };
}
