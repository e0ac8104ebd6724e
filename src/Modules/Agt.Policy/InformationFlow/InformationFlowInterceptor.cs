using Agt.Policy.Compilation;

namespace Agt.Policy.InformationFlow;

/// <summary>
/// Labels a session by what its tools do, before their results are handed on, and holds what sends out once both labels are there. Thread-safe.
/// </summary>
internal sealed class InformationFlowInterceptor : IInterceptor
{
    private static readonly object Asked = new();
    private readonly InformationFlowOptions _options;
    private readonly Verdict _held;
    private readonly Verdict _changed;
    private readonly Func<InformationFlowInterceptor, ActionTemplate, object> _effectsOf;

    internal InformationFlowInterceptor(InformationFlowOptions options)
    {
        _options = options;
        _effectsOf = static (self, template) => new Effects(self.EffectsOf(template.Tool));
        string explanation = $"The session is labelled {options.PrivateLabel} and {options.UntrustedLabel}, and the tool sends out: what was read could leave at the word of what was taken in.";
        _held = options.Deny
            ? new Verdict(VerdictOutcome.Deny, new VerdictDetail(Reason) { Explanation = explanation, Rule = Name })
            : new Verdict(VerdictOutcome.Escalate, new VerdictDetail(ReasonCodes.ApprovalRequired) { Explanation = explanation, Rule = Name, Approvers = [.. options.Approvers] });
        _changed = new Verdict(VerdictOutcome.Deny, new VerdictDetail(Reason) { Explanation = "The session was labelled while the action waited for approval of something else.", Rule = Name });
    }

    /// <summary>The code of a denial.</summary>
    internal static ReasonCode Reason { get; } = new("policy:information_flow", DenialCategory.RuleDenied, "Denied by governance policy.");

    public string Name => "information-flow";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!IsHeld(context))
        {
            return default;
        }

        context.SetItem(this, Asked);
        return new(_held);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        // Also when it failed or its result is withheld: an error text brings content in as well, and what was read was read.
        if (outcome.Executed)
        {
            Label(context);
        }

        return default;
    }

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) =>
        context.GetItem(this) is null && IsHeld(context) ? new(_changed) : default;

    private bool IsHeld(OperationContext context)
    {
        if (context.Template.Point != InterventionPoint.PreToolCall || context.Point != InterventionPoint.PreToolCall)
        {
            return false;
        }

        IReadOnlySet<string> labels = context.Session.Labels;
        return labels.Contains(_options.PrivateLabel) && labels.Contains(_options.UntrustedLabel) && (Known(context.Template) & ToolEffects.Egress) != 0;
    }

    private void Label(OperationContext context)
    {
        ToolEffects effects = context.Template.Point switch
        {
            InterventionPoint.PreToolCall => Known(context.Template),
            InterventionPoint.Input when _options.InputIsUntrusted => ToolEffects.Ingests,
            _ => ToolEffects.None,
        };
        if ((effects & ToolEffects.Reads) != 0)
        {
            context.Session.AddLabel(_options.PrivateLabel);
        }

        if ((effects & ToolEffects.Ingests) != 0)
        {
            context.Session.AddLabel(_options.UntrustedLabel);
        }
    }

    /// <summary>What a kind of action does, worked out once for each.</summary>
    private ToolEffects Known(ActionTemplate template) => ((Effects)template.GetOrAddPlan(this, _effectsOf)).Value;

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
        return _options.Exempt.Exists(tools => tools.IsMatch(name)) ? declared & ~ToolEffects.Egress : declared;
    }

    private sealed record Effects(ToolEffects Value);
}
