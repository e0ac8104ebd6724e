using System.Globalization;
using System.Numerics;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>The condition language, by walking the tree. Null stands for "cannot be evaluated".</summary>
internal sealed class ReferenceConditions(PolicyCase action)
{
    private readonly ReferenceFields _fields = new(action);

    private enum Known
    {
        False,
        True,
        Error,
        NotYet,
    }

    /// <summary>Whether a condition holds; null if it cannot be evaluated.</summary>
    internal bool? Holds(ConditionNode node)
    {
        switch (Know(node))
        {
            case Known.True:
                return true;
            case Known.False:
                return false;
            case Known.Error:
                return null;
        }

        switch (node)
        {
            case AndNode and:
                return FirstThatIsNot(true, and.Operands);
            case OrNode or:
                return FirstThatIsNot(false, or.Operands);
            case PresentNode present:
                return FirstThatIsNot(true, new NullTestNode(0, new PathNode(0, present.Path), true), present.Test);
            case NotNode not:
                return Holds(not.Operand) is { } held ? !held : null;
            default:
                return Test(node);
        }
    }

    /// <summary>What can be said before the call: from the template and the policy alone.</summary>
    private Known Know(ConditionNode node)
    {
        switch (node)
        {
            case AndNode and:
                return KnowAll(and.Operands, Known.True);
            case OrNode or:
                return KnowAll(or.Operands, Known.False);
            case PresentNode present:
                return KnowAll([new NullTestNode(0, new PathNode(0, present.Path), true), present.Test], Known.True);
            case NotNode not:
                Known inner = Know(not.Operand);
                return inner == Known.True ? Known.False : inner == Known.False ? Known.True : inner;
            default:
                return !IsFixed(node) ? Known.NotYet : Test(node) switch { true => Known.True, false => Known.False, null => Known.Error };
        }
    }

    private Known KnowAll(IEnumerable<ConditionNode> parts, Known neutral)
    {
        Known result = neutral;
        foreach (Known known in parts.Select(Know))
        {
            if (known == Known.NotYet)
            {
                result = Known.NotYet;
            }
            else if (known != neutral)
            {
                return known;
            }
        }

        return result;
    }

    private static bool IsFixed(ConditionNode node) => node switch
    {
        LiteralNode => true,
        PathNode path => ReferenceFields.IsFixed(path.Path),
        CallNode call => IsFixed(call.Argument),
        NotNode not => IsFixed(not.Operand),
        AndNode and => and.Operands.All(IsFixed),
        OrNode or => or.Operands.All(IsFixed),
        ComparisonNode c => IsFixed(c.Left) && IsFixed(c.Right),
        MembershipNode m => IsFixed(m.Operand),
        PathMembershipNode m => IsFixed(m.Operand) && IsFixed(m.List),
        TextTestNode t => IsFixed(t.Left) && IsFixed(t.Right),
        PatternNode p => IsFixed(p.Operand),
        NullTestNode n => IsFixed(n.Operand),
        PresentNode p => ReferenceFields.IsFixed(p.Path) && IsFixed(p.Test),
        _ => throw new ArgumentException(node.GetType().Name),
    };

    private bool? FirstThatIsNot(bool neutral, params IEnumerable<ConditionNode> parts)
    {
        foreach (ConditionNode part in parts)
        {
            bool? held = Holds(part);
            if (held != neutral)
            {
                return held;
            }
        }

        return neutral;
    }

    private bool? Test(ConditionNode node)
    {
        switch (node)
        {
            case AndNode and:
                return FirstThatIsNot(true, and.Operands);
            case OrNode or:
                return FirstThatIsNot(false, or.Operands);
            case NotNode not:
                return Holds(not.Operand) is { } held ? !held : null;
            case ComparisonNode c:
                return Value(c.Left) is { } l && Value(c.Right) is { } r ? Compare(c.Operator, l, r) : null;
            case MembershipNode m:
                return Value(m.Operand) is { } one ? m.Items.Any(item => Same(one, item)) != m.Negated : null;
            case PathMembershipNode m:
                return Value(m.Operand) is { } sought ? InList(sought, _fields.Read(m.List.Path)) is { } found ? found != m.Negated : null : null;
            case TextTestNode t:
                return Value(t.Left) is { } whole && Value(t.Right) is { } part ? TextTest(t.Operator, whole, part) : null;
            case PatternNode p:
                return Value(p.Operand) is { } subject ? Matches(p, subject) : null;
            case NullTestNode n:
                return Value(n.Operand) is { } maybe ? Missing(maybe) != n.Negated : null;
            case CallNode { Function: ConditionFunction.Has } has:
                return Value(has.Argument) is { } there ? !Missing(there) : null;
            default:
                return Value(node) is { } value ? Missing(value) ? false : value.TryGetBoolean(out bool flag) ? flag : null : null;
        }
    }

    private GovernedValue? Value(ConditionNode node)
    {
        switch (node)
        {
            case LiteralNode literal:
                return literal.Value;
            case PathNode path:
                return _fields.Read(path.Path);
            case CallNode { Function: not ConditionFunction.Has } call:
                return Value(call.Argument) is { } argument ? Call(call.Function, argument) : null;
            default:
                return Holds(node) is { } held ? GovernedValue.From(held) : null;
        }
    }

    private static GovernedValue? Call(ConditionFunction function, GovernedValue argument)
    {
        if (Missing(argument))
        {
            return GovernedValue.Absent;
        }

        if (argument.AsString() is { } text)
        {
            return function switch
            {
                ConditionFunction.Len => GovernedValue.From((long)text.EnumerateRunes().Count()),
                ConditionFunction.Lower => GovernedValue.From(text.ToLowerInvariant()),
                _ => GovernedValue.From(text.ToUpperInvariant()),
            };
        }

        return function == ConditionFunction.Len && argument.Kind is ValueKind.List or ValueKind.Map ? GovernedValue.From((long)argument.Count) : null;
    }

    private static bool Missing(GovernedValue value) => value.Kind is ValueKind.Absent or ValueKind.Null;

    private static bool Same(GovernedValue left, GovernedValue right)
    {
        if (Missing(left) || Missing(right))
        {
            return Missing(left) && Missing(right);
        }

        if (left.IsNumber && right.IsNumber)
        {
            return Order(left, right) == 0;
        }

        if (left.Kind != right.Kind)
        {
            return false;
        }

        return left.Kind switch
        {
            ValueKind.Boolean => left.TryGetBoolean(out bool a) & right.TryGetBoolean(out bool b) & a == b,
            ValueKind.String => left.AsString() == right.AsString(),
            ValueKind.List => left.Count == right.Count && Enumerable.Range(0, left.Count).All(i => SameInside(left[i], right[i])),
            ValueKind.Map => left.Count == right.Count && Enumerable.Range(0, left.Count).All(i =>
                right.TryGetMember(left.MemberAt(i).Name, out GovernedValue other) && SameInside(left.MemberAt(i).Value, other)),
            _ => throw new ArgumentException(left.Kind.ToString()),
        };
    }

    // Inside a container a null is a value of its own.
    private static bool SameInside(GovernedValue left, GovernedValue right) => left.Kind == ValueKind.Null ? right.Kind == ValueKind.Null : Same(left, right);

    private static bool? Compare(ComparisonOperator comparison, GovernedValue left, GovernedValue right)
    {
        if (comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual)
        {
            return Same(left, right) == (comparison == ComparisonOperator.Equal);
        }

        if (Missing(left) || Missing(right))
        {
            return false;
        }

        int order;
        if (left.IsNumber && right.IsNumber)
        {
            order = Order(left, right);
        }
        else if (left.AsString() is { } a && right.AsString() is { } b)
        {
            order = string.CompareOrdinal(a, b);
        }
        else
        {
            return null;
        }

        return comparison switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }

    private static int Order(GovernedValue left, GovernedValue right)
    {
        (BigInteger a, BigInteger b) = Fraction(left);
        (BigInteger c, BigInteger d) = Fraction(right);
        return (a * d).CompareTo(c * b);
    }

    /// <summary>A number as an exact fraction.</summary>
    private static (BigInteger Over, BigInteger Under) Fraction(GovernedValue number)
    {
        if (number.TryGetInt64(out long whole))
        {
            return (whole, 1);
        }

        if (number.TryGetDouble(out double real))
        {
            BigInteger under = 1;
            while (real != Math.Floor(real))
            {
                real *= 2;
                under *= 2;
            }

            return (new BigInteger(real), under);
        }

        string text = number.NumberText()!;
        int mark = text.IndexOfAny(['e', 'E']);
        int exponent = mark < 0 ? 0 : int.Parse(text[(mark + 1)..], CultureInfo.InvariantCulture);
        string digits = mark < 0 ? text : text[..mark];
        int point = digits.IndexOf('.');
        exponent -= point < 0 ? 0 : digits.Length - point - 1;
        BigInteger mantissa = BigInteger.Parse(digits.Replace(".", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return exponent >= 0 ? (mantissa * BigInteger.Pow(10, exponent), 1) : (mantissa, BigInteger.Pow(10, -exponent));
    }

    private static bool? InList(GovernedValue sought, GovernedValue list) =>
        Missing(list) ? false : list.Kind == ValueKind.List ? Enumerable.Range(0, list.Count).Any(i => Same(list[i], sought)) : null;

    private static bool? TextTest(TextOperator test, GovernedValue whole, GovernedValue part)
    {
        if (Missing(whole) || Missing(part))
        {
            return false;
        }

        if (whole.AsString() is { } text)
        {
            return part.AsString() is not { } sought ? null : test switch
            {
                TextOperator.Contains => text.Contains(sought, StringComparison.Ordinal),
                TextOperator.StartsWith => text.StartsWith(sought, StringComparison.Ordinal),
                _ => text.EndsWith(sought, StringComparison.Ordinal),
            };
        }

        return (test, whole.Kind) switch
        {
            (TextOperator.Contains, ValueKind.List) => InList(part, whole),
            (TextOperator.Contains, ValueKind.Map) => part.AsString() is { } name ? whole.TryGetMember(name, out _) : null,
            _ => null,
        };
    }

    private static bool? Matches(PatternNode pattern, GovernedValue subject)
    {
        if (Missing(subject))
        {
            return false;
        }

        if (subject.AsString() is not { } text)
        {
            if (pattern.IsGlob)
            {
                return null;
            }

            text = subject.NumberText() ?? (subject.TryGetBoolean(out bool flag) ? flag ? "true" : "false" : CanonicalJson.ToString(subject));
        }

        return pattern.Pattern.Regex.IsMatch(text);
    }
}
