using System.Text;
using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>
/// Evaluates any condition by walking it: at plan time for what the template answers, and at run time for the uncommon tests that have no instruction of their own.
/// </summary>
internal static class ConditionEvaluator
{
    internal static Truth Evaluate(Condition condition, ref readonly PolicyInput input, ref WorkBudget budget) => condition switch
    {
        Test test => Evaluate(test, in input, ref budget),
        Constant constant => constant.Value,
        Negation negation => Negate(Evaluate(negation.Inner, in input, ref budget)),
        AllOf all => EvaluateParts(all.Parts, Truth.True, in input, ref budget),
        AnyOf any => EvaluateParts(any.Parts, Truth.False, in input, ref budget),
        _ => Truth.Error,
    };

    internal static Truth Evaluate(Test test, ref readonly PolicyInput input, ref WorkBudget budget)
    {
        if (!TryRead(test.Left, in input, ref budget, out GovernedValue left))
        {
            return Truth.Error;
        }

        switch (test.Kind)
        {
            case TestKind.Holds:
                return left.IsAbsentOrNull ? Truth.False : left.TryGetBoolean(out bool flag) ? Of(flag) : Truth.Error;
            case TestKind.Has:
                return Of(!left.IsAbsentOrNull);
            case TestKind.InSet:
                return Of(test.Set!.Contains(left));
            case TestKind.Matches:
                return ValueTests.Matches(left, test.Pattern!, ref budget);
            case TestKind.Like:
                return ValueTests.Like(left, test.Glob!, ref budget);
        }

        if (!TryRead(test.Right!, in input, ref budget, out GovernedValue right))
        {
            return Truth.Error;
        }

        return test.Kind switch
        {
            TestKind.Equal => ValueTests.Equal(left, right),
            TestKind.InList => ValueTests.InList(left, right, ref budget),
            TestKind.Contains => ValueTests.Contains(left, right, ref budget),
            TestKind.StartsWith or TestKind.EndsWith => ValueTests.Affix(left, right, atEnd: test.Kind == TestKind.EndsWith),
            _ => ValueTests.Compare(left, right, OrderMask.Of(test.Kind)),
        };
    }

    internal static Truth Negate(Truth value) => value switch
    {
        Truth.True => Truth.False,
        Truth.False => Truth.True,
        _ => value,
    };

    private static Truth Of(bool value) => value ? Truth.True : Truth.False;

    private static Truth EvaluateParts(Condition[] parts, Truth neutral, ref readonly PolicyInput input, ref WorkBudget budget)
    {
        foreach (Condition part in parts)
        {
            Truth truth = Evaluate(part, in input, ref budget);
            if (truth != neutral)
            {
                return truth;
            }
        }

        return neutral;
    }

    private static bool TryRead(Operand operand, ref readonly PolicyInput input, ref WorkBudget budget, out GovernedValue value)
    {
        switch (operand)
        {
            case LiteralOperand literal:
                value = literal.Value;
                return true;
            case PathOperand path:
                value = path.Path.Read(in input);
                return true;
            case ConditionOperand condition:
                Truth truth = Evaluate(condition.Condition, in input, ref budget);
                value = GovernedValue.From(truth == Truth.True);
                return truth is Truth.True or Truth.False;
            case CallOperand call:
                value = default;
                return TryRead(call.Argument, in input, ref budget, out GovernedValue argument) && TryCall(call.Function, argument, ref budget, out value);
            default:
                value = default;
                return false;
        }
    }

    private static bool TryCall(Function function, GovernedValue argument, ref WorkBudget budget, out GovernedValue value)
    {
        value = default;
        if (argument.IsAbsentOrNull)
        {
            return true;
        }

        if (argument.TryGetText(out ReadOnlySpan<char> text))
        {
            if (!budget.TryTake(text.Length))
            {
                return false;
            }

            value = function switch
            {
                Function.Length => GovernedValue.From((long)CountRunes(text)),
                Function.Lower => GovernedValue.From(text.ToString().ToLowerInvariant()),
                _ => GovernedValue.From(text.ToString().ToUpperInvariant()),
            };
            return true;
        }

        if (function == Function.Length && argument.Kind is (ValueKind.List or ValueKind.Map or ValueKind.Set))
        {
            value = GovernedValue.From((long)argument.Count);
            return true;
        }

        return false;
    }

    private static int CountRunes(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
