namespace Agt.Policy.InformationFlow;

/// <summary>
/// All rules about flow that hold together: every one of them labels, those that apply to the agent hold, and the strictest is heard. Immutable and thread-safe.
/// </summary>
internal sealed class InformationFlowSet(InformationFlowRules[] rules)
{
    private static readonly object Asked = new();
    private static readonly Func<InformationFlowSet, ActionTemplate, object> MakePlan = static (self, template) => self.PlanOf(template);

    internal static InformationFlowSet None { get; } = new([]);

    internal Verdict Before(OperationContext context)
    {
        if (rules.Length == 0)
        {
            return default;
        }

        if (context.Template.Point == InterventionPoint.Input)
        {
            foreach (InformationFlowRules one in rules)
            {
                if (one.InputIsUntrusted)
                {
                    // What answers the input happens inside this very action, so that a label at its end would come too late.
                    one.Label(context.Action, ToolEffects.Ingests);
                }
            }
        }

        InformationFlowRules? held = Holding(context);
        if (held is null)
        {
            return default;
        }

        context.SetItem(this, Asked);
        return held.Held;
    }

    internal Verdict Revalidate(OperationContext context) => rules.Length > 0 && context.GetItem(this) is null && Holding(context) is { } held ? held.Changed : default;

    /// <summary>Also when it failed or its result is withheld: an error text brings content in as well, and what was read was read.</summary>
    internal void After(OperationContext context, Outcome outcome)
    {
        if (rules.Length == 0 || !outcome.Executed || context.Template.Point != InterventionPoint.PreToolCall)
        {
            return;
        }

        Plan plan = Known(context.Template);
        for (int i = 0; i < rules.Length; i++)
        {
            if ((plan.Effects[i] & (ToolEffects.Reads | ToolEffects.Ingests)) != 0)
            {
                rules[i].Label(context.Action, plan.Effects[i]);
            }
        }
    }

    private InformationFlowRules? Holding(OperationContext context)
    {
        if (context.Template.Point != InterventionPoint.PreToolCall || context.Point != InterventionPoint.PreToolCall)
        {
            return null;
        }

        Plan plan = Known(context.Template);
        InformationFlowRules? held = null;
        for (int i = 0; i < rules.Length; i++)
        {
            if (plan.Applies[i] && (plan.Effects[i] & ToolEffects.Egress) != 0 && (held is null || rules[i].Held.Outcome > held.Held.Outcome) && IsHeld(context.Action, i))
            {
                held = rules[i];
            }
        }

        return held;
    }

    /// <summary>A tool that is still running may have read and taken in already what it now hands to the tools it calls itself.</summary>
    private bool IsHeld(GovernedAction action, int rule)
    {
        bool isPrivate = false;
        bool isUntrusted = false;
        for (GovernedAction? at = action; at is not null; at = at.Parent)
        {
            ToolEffects running = ReferenceEquals(at, action) || at.Template.Point != InterventionPoint.PreToolCall ? ToolEffects.None : Known(at.Template).Effects[rule];
            if (rules[rule].HasBoth(at, running, ref isPrivate, ref isUntrusted))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a kind of action does, worked out once for each.</summary>
    private Plan Known(ActionTemplate template) => (Plan)template.GetOrAddPlan(this, MakePlan);

    private Plan PlanOf(ActionTemplate template) => new(
        Array.ConvertAll(rules, one => one.EffectsOf(template.Tool)), Array.ConvertAll(rules, one => one.AppliesTo(template.Principal.Agent)));

    private sealed record Plan(ToolEffects[] Effects, bool[] Applies);
}
