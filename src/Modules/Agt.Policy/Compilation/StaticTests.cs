namespace Agt.Policy.Compilation;

/// <summary>Finds the tests of a condition that the template alone answers; a plan depends on the template through nothing else.</summary>
internal static class StaticTests
{
    internal static Test[] Of(Condition condition)
    {
        var found = new List<Test>();
        Collect(condition, found);
        return [.. found.Distinct(ReferenceEqualityComparer.Instance).Cast<Test>()];
    }

    private static void Collect(Condition condition, List<Test> found)
    {
        switch (condition)
        {
            case Test test:
                if (test.IsStatic)
                {
                    found.Add(test);
                }
                else
                {
                    Collect(test.Left, found);
                    Collect(test.Right, found);
                }

                break;
            case Negation negation:
                Collect(negation.Inner, found);
                break;
            case AllOf all:
                Array.ForEach(all.Parts, part => Collect(part, found));
                break;
            case AnyOf any:
                Array.ForEach(any.Parts, part => Collect(part, found));
                break;
        }
    }

    private static void Collect(Operand? operand, List<Test> found)
    {
        switch (operand)
        {
            case ConditionOperand inner:
                Collect(inner.Condition, found);
                break;
            case CallOperand call:
                Collect(call.Argument, found);
                break;
        }
    }
}
