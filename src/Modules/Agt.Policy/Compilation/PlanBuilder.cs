using Agt.Policy.Matching;

namespace Agt.Policy.Compilation;

/// <summary>
/// Turns the rules that may apply to a kind of action into a plan.
/// </summary>
/// <remarks>
/// <para>The order is that of deny_overrides: the classes deny, rate_limit, require_approval, transform, warn, audit, allow; inside a class priority descending,
/// then documents, then rules.</para>
/// <list type="bullet">
/// <item>A rule that cannot be evaluated, once it is reached, denies with <see cref="ReasonCodes.PolicyEvaluationError"/>.</item>
/// <item>The first deny that matches ends the evaluation.</item>
/// <item>Every rate limit that matches must admit the call, else it is denied with <see cref="ReasonCodes.RateLimitExceeded"/>.</item>
/// <item>The first approval that matches escalates; later approvals are not reached.</item>
/// <item>Every transform, warn and audit that matches contributes.</item>
/// <item>Allow rules are reached only when nothing else matched, and the first that matches suffices.</item>
/// <item>When no rule matched, the default decides.</item>
/// </list>
/// </remarks>
internal static class PlanBuilder
{
    internal static Plan Build(ReadOnlySpan<CompiledRule> candidates, StaticTruths truths, Verdict unmatched, long budget, Dictionary<FieldPath, PatternSet>? patterns)
    {
        var emitter = new PlanEmitter();
        var contributors = new List<CompiledRule>();
        int transforms = emitter.NewLabel();
        int end = emitter.NewLabel();
        RuleEffect section = RuleEffect.Deny;
        bool sectionDecided = false;
        foreach (CompiledRule rule in candidates)
        {
            if (rule.Effect != section)
            {
                EnterSection(emitter, section, rule.Effect, transforms);
                section = rule.Effect;
                sectionDecided = false;
            }

            Condition condition = sectionDecided ? Constant.False : ConditionReducer.Reduce(rule.Condition, truths);
            if (condition is Constant { Value: Truth.False })
            {
                continue;
            }

            Emit(emitter, rule, condition, contributors, transforms, end);
            if (condition is not Constant constant)
            {
                continue;
            }

            if (constant.Value == Truth.True ? rule.Effect is RuleEffect.RequireApproval or RuleEffect.Allow : rule.Effect == RuleEffect.RequireApproval)
            {
                // An earlier approval may have gone on to the transforms, so they are still needed.
                sectionDecided = true;
            }
            else if (constant.Value == Truth.Error || rule.Effect == RuleEffect.Deny)
            {
                break;
            }
        }

        EnterSection(emitter, section, RuleEffect.Allow + 1, transforms);
        emitter.Place(end);
        emitter.Mark(Operation.End);
        return new Plan(emitter, [.. contributors], unmatched, budget, patterns);
    }

    private static void EnterSection(PlanEmitter emitter, RuleEffect left, RuleEffect entered, int transforms)
    {
        if (left < RuleEffect.Transform && entered >= RuleEffect.Transform)
        {
            emitter.Place(transforms);
        }

        if (entered == RuleEffect.Allow)
        {
            emitter.Mark(Operation.EndIfMatched);
        }
    }

    private static void Emit(PlanEmitter emitter, CompiledRule rule, Condition condition, List<CompiledRule> contributors, int transforms, int end)
    {
        if (rule.Effect == RuleEffect.Deny)
        {
            emitter.Rule(rule, condition, new Instruction { Operation = Operation.Deny, Reference = rule });
            return;
        }

        int next = emitter.NewLabel();
        var effect = new Instruction
        {
            Operation = rule.Effect == RuleEffect.RateLimit ? Operation.Admit : Operation.Contribute,
            Slot = contributors.Count,
            Target = rule.Effect switch { RuleEffect.RequireApproval => transforms, RuleEffect.Allow => end, _ => next },
            Reference = rule,
        };
        contributors.Add(rule);
        emitter.Rule(rule, condition, effect);
        emitter.Place(next);
    }
}
