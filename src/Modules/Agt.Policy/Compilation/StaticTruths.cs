namespace Agt.Policy.Compilation;

/// <summary>What the template answers to static tests, each evaluated once while a plan is made. Not thread-safe.</summary>
internal sealed class StaticTruths(ActionTemplate template, InterventionPoint point)
{
    private readonly Dictionary<Test, Truth> _known = new(ReferenceEqualityComparer.Instance);

    internal Truth Of(Test test)
    {
        if (!_known.TryGetValue(test, out Truth truth))
        {
            var input = new PolicyInput(template, default) { Point = point };
            var budget = new WorkBudget(long.MaxValue);
            truth = ConditionEvaluator.Evaluate(test, in input, ref budget);
            _known.Add(test, truth);
        }

        return truth;
    }
}
