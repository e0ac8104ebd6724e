namespace Agt.Policy.Compilation;

/// <summary>
/// Partial evaluation. What the template answers is decided before anything that is read from the call: in a conjunction a part that is false then makes the whole
/// false, and in a disjunction a part that is true makes it true, even if an earlier part would be an error on this call. What is left keeps its order.
/// </summary>
internal static class ConditionReducer
{
    internal static Condition Reduce(Condition condition, StaticTruths truths)
    {
        switch (condition)
        {
            case Constant:
                return condition;
            case Test test:
                return test.IsStatic ? Constant.Of(truths.Of(test)) : ReduceOperands(test, truths);
            case Negation negation:
                Condition inner = Reduce(negation.Inner, truths);
                return inner is Constant constant ? Constant.Of(ConditionEvaluator.Negate(constant.Value))
                    : ReferenceEquals(inner, negation.Inner) ? negation : Condition.Not(inner);
            case AllOf all:
                return ReduceParts(all, all.Parts, Truth.True, truths);
            case AnyOf any:
                return ReduceParts(any, any.Parts, Truth.False, truths);
            default:
                return Constant.Error;
        }
    }

    private static Condition ReduceParts(Condition whole, Condition[] parts, Truth neutral, StaticTruths truths)
    {
        Condition[]? kept = null;
        int count = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            Condition part = Reduce(parts[i], truths);
            if (part is Constant constant)
            {
                if (constant.Value != neutral)
                {
                    return constant;
                }

                kept ??= Copy(parts, i);
                continue;
            }

            if (kept is null && !ReferenceEquals(part, parts[i]))
            {
                kept = Copy(parts, i);
            }

            if (kept is not null)
            {
                kept[count] = part;
            }

            count++;
        }

        if (kept is null)
        {
            return whole;
        }

        Condition[] rest = kept[..count];
        return count == 0 ? Constant.Of(neutral) : whole is AllOf ? Condition.All(rest) : Condition.Any(rest);
    }

    private static Condition[] Copy(Condition[] parts, int count)
    {
        var copy = new Condition[parts.Length];
        Array.Copy(parts, copy, count);
        return copy;
    }

    private static Test ReduceOperands(Test test, StaticTruths truths)
    {
        Operand left = Reduce(test.Left, truths);
        Operand? right = test.Right is null ? null : Reduce(test.Right, truths);
        return ReferenceEquals(left, test.Left) && ReferenceEquals(right, test.Right) ? test : test with { Left = left, Right = right };
    }

    private static Operand Reduce(Operand operand, StaticTruths truths)
    {
        switch (operand)
        {
            case ConditionOperand inner:
                Condition condition = Reduce(inner.Condition, truths);
                return ReferenceEquals(condition, inner.Condition) ? operand : new ConditionOperand(condition);
            case CallOperand call:
                Operand argument = Reduce(call.Argument, truths);
                return ReferenceEquals(argument, call.Argument) ? operand : call with { Argument = argument };
            default:
                return operand;
        }
    }
}
