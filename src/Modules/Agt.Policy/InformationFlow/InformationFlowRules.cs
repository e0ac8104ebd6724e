using Agt.Policy.Compilation;

namespace Agt.Policy.InformationFlow;

/// <summary>
/// One set of rules about flow: what an action does, whether it is held, and which labels it leaves. Immutable and thread-safe.
/// </summary>
internal sealed class InformationFlowRules
{
    private static readonly object Asked = new();
    private static readonly Func<InformationFlowRules, ActionTemplate, object> MakeEffects = static (self, template) => new Effects(self.EffectsOf(template.Tool));

    private readonly InformationFlowOptions _options;
    private readonly Verdict _held;
    private readonly Verdict _changed;

    internal InformationFlowRules(InformationFlowOptions options, string rule, string? policy = null)
    {
        _options = options;
        string explanation = $"The session is labelled {options.PrivateLabel} and {options.UntrustedLabel}, and the tool sends out: what was read could leave at the word of what was taken in.";
        _held = options.Deny
            ? new Verdict(VerdictOutcome.Deny, new VerdictDetail(Reason) { Explanation = explanation, Rule = rule, Policy = policy })
            : new Verdict(VerdictOutcome.Escalate, new VerdictDetail(ReasonCodes.ApprovalRequired) { Explanation = explanation, Rule = rule, Policy = policy, Approvers = [.. options.Approvers] });
        _changed = new Verdict(
            VerdictOutcome.Deny, new VerdictDetail(Reason) { Explanation = "The session was labelled while the action waited for approval of something else.", Rule = rule, Policy = policy });
    }

    /// <summary>The code of a denial.</summary>
    internal static ReasonCode Reason { get; } = new("policy:information_flow", DenialCategory.RuleDenied, "Denied by governance policy.");

    internal Verdict Before(OperationContext context)
    {
        if (context.Template.Point == InterventionPoint.Input && _options.InputIsUntrusted)
        {
            // What answers the input happens inside this very action, so that a label at its end would come too late.
            Label(context.Action, _options.UntrustedLabel);
        }

        if (!IsHeld(context))
        {
            return default;
        }

        context.SetItem(this, Asked);
        return _held;
    }

    /// <summary>Nobody was asked about this when approval was asked for something else.</summary>
    internal Verdict Revalidate(OperationContext context) => context.GetItem(this) is null && IsHeld(context) ? _changed : default;

    /// <summary>Also when it failed or its result is withheld: an error text brings content in as well, and what was read was read.</summary>
    internal void After(OperationContext context, Outcome outcome)
    {
        if (!outcome.Executed || context.Template.Point != InterventionPoint.PreToolCall)
        {
            return;
        }

        ToolEffects effects = Known(context.Template);
        if ((effects & ToolEffects.Reads) != 0)
        {
            Label(context.Action, _options.PrivateLabel);
        }

        if ((effects & ToolEffects.Ingests) != 0)
        {
            Label(context.Action, _options.UntrustedLabel);
        }
    }

    /// <summary>The result goes up to whatever called, also where that runs in a session of its own.</summary>
    private static void Label(GovernedAction action, string label)
    {
        for (GovernedAction? at = action; at is not null; at = at.Parent)
        {
            if (!at.Session.Labels.Contains(label))
            {
                at.Session.AddLabel(label);
            }
        }
    }

    private bool IsHeld(OperationContext context)
    {
        if (context.Template.Point != InterventionPoint.PreToolCall || context.Point != InterventionPoint.PreToolCall || (Known(context.Template) & ToolEffects.Egress) == 0)
        {
            return false;
        }

        // A tool that is still running may have read and taken in already what it now hands to the tools it calls itself.
        bool isPrivate = false;
        bool isUntrusted = false;
        for (GovernedAction? at = context.Action; at is not null; at = at.Parent)
        {
            IReadOnlySet<string> labels = at.Session.Labels;
            ToolEffects running = ReferenceEquals(at, context.Action) || at.Template.Point != InterventionPoint.PreToolCall ? ToolEffects.None : Known(at.Template);
            isPrivate = isPrivate || (running & ToolEffects.Reads) != 0 || labels.Contains(_options.PrivateLabel);
            isUntrusted = isUntrusted || (running & ToolEffects.Ingests) != 0 || labels.Contains(_options.UntrustedLabel);
        }

        return isPrivate && isUntrusted;
    }

    /// <summary>What a kind of action does, worked out once for each.</summary>
    private ToolEffects Known(ActionTemplate template) => ((Effects)template.GetOrAddPlan(this, MakeEffects)).Value;

    private ToolEffects EffectsOf(ToolIdentity? tool)
    {
        string name = tool?.Name ?? string.Empty;
        ToolEffects declared = tool?.Effects ?? ToolEffects.None;
        bool said = declared != ToolEffects.None;
        foreach ((Glob tools, ToolEffects effects) in _options.Declared)
        {
            if (tools.IsMatch(name))
            {
                declared |= effects;
                said = true;
            }
        }

        declared = said ? declared : _options.UndeclaredTools;
        return _options.Exempt.Exists(exempt => exempt.Tools.IsMatch(name) && (exempt.Source is null || exempt.Source == tool?.Source)) ? declared & ~ToolEffects.Egress : declared;
    }

    private sealed record Effects(ToolEffects Value);
}
