using Agt.Policy.Facets;

namespace Agt.Policy.Intents;

/// <summary>Denies tool calls that the intent of their session does not plan. Thread-safe.</summary>
internal sealed class IntentInterceptor(IntentRegistry registry, FacetReader facets, bool required) : IInterceptor
{
    internal static ReasonCode Missing { get; } = new("policy:intent_missing", DenialCategory.RuleDenied, "Denied by governance policy.");

    internal static ReasonCode NotInForce { get; } = new("policy:intent_not_in_force", DenialCategory.RuleDenied, "Denied by governance policy.");

    internal static ReasonCode Unplanned { get; } = new("policy:intent_unplanned", DenialCategory.RuleDenied, "Denied by governance policy.");

    public string Name => "intents";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(Decide(context, looksOnly: false));

    public ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken) => new(Decide(context, looksOnly: true));

    private Verdict Decide(OperationContext context, bool looksOnly)
    {
        if (context.Point != InterventionPoint.PreToolCall)
        {
            return default;
        }

        if (registry.Find(context.Session) is not { } intent)
        {
            return required ? Deny(Missing, null, "The session has declared no intent.") : default;
        }

        ReasonCode? refusal = intent.Refuses(context, facets, looksOnly);
        return refusal is null
            ? default
            : Deny(refusal, intent.Id, refusal == Unplanned ? "The call is not planned." : $"The intent is {intent.State}, or one that it is part of is not in force.");
    }

    private static Verdict Deny(ReasonCode reason, string? intent, string explanation) => new(VerdictOutcome.Deny, new VerdictDetail(reason) { Rule = intent, Explanation = explanation });
}
