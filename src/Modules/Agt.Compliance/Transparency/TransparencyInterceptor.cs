namespace Agt.Compliance.Transparency;

/// <summary>Denies tool calls until what must be said has been confirmed.</summary>
internal sealed class TransparencyInterceptor(TransparencyGate gate) : IInterceptor
{
    public string Name => "transparency";

    public InterceptorStage Stage => InterceptorStage.Privilege;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) =>
        new(context.Template.Point != InterventionPoint.PreToolCall || gate.Missing(context.Session, context.Template.Tool?.Name) is not (not Disclosures.None and var missing)
            ? Verdict.Allow
            : Verdict.Deny(ReasonCodes.DisclosureRequired, $"Not confirmed for this session: {TransparencyGate.Name(missing)}"));
}
