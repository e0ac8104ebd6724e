using Agt.Policy.Matching;

namespace Agt.Policy.Compilation;

/// <summary>Turns rules that stand in the order of a strategy into a plan: the first match that ends the evaluation decides, with what matched before it and only adds something.</summary>
internal static class OrderedPlanBuilder
{
    internal static Plan Build(ReadOnlySpan<CompiledRule> candidates, StaticTruths truths, Verdict unmatched, long budget, Dictionary<FieldPath, PatternSet>? patterns, RuleOrder order)
    {
        var emitter = new PlanEmitter();
        var contributors = new List<CompiledRule>();
        int end = emitter.NewLabel();
        foreach (CompiledRule rule in candidates)
        {
            Condition condition = ConditionReducer.Reduce(rule.Condition, truths);
            if (condition is Constant { Value: Truth.False })
            {
                continue;
            }

            int next = emitter.NewLabel();
            if (rule.Effect == RuleEffect.Deny)
            {
                emitter.Rule(rule, condition, new Instruction { Operation = Operation.Deny, Reference = rule });
            }
            else
            {
                emitter.Rule(rule, condition, new Instruction
                {
                    Operation = rule.Effect == RuleEffect.RateLimit ? Operation.Admit : Operation.Contribute,
                    Slot = contributors.Count,
                    Target = order.Ends(rule.Effect) ? end : next,
                    Reference = rule,
                });
                contributors.Add(rule);
            }

            emitter.Place(next);
            if (condition is Constant { Value: var value } && (value == Truth.Error || order.Ends(rule.Effect)))
            {
                break;
            }
        }

        emitter.Place(end);
        emitter.Mark(Operation.End);
        return new Plan(emitter, [.. contributors], unmatched, budget, patterns);
    }
}
