namespace Agt.Policy.Labels;

/// <summary>What <see cref="ContextRules.Next"/> decided. Immutable.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Reason">Why; for the record, not for models or users.</param>
public sealed record ContextDecision(ContextOutcome Outcome, string Reason)
{
    /// <summary>What has to be seen to before the step: the restrictions of the envelope, in ordinal order; empty unless the outcome is <see cref="ContextOutcome.Constrain"/>.</summary>
    public IReadOnlyList<string> Obligations { get; init; } = [];

    /// <summary>
    /// Turns <see cref="ContextOutcome.Constrain"/> into an answer (spec 01, POL-248): allowed when the host has a channel that enforces the obligations, or when there is at least one obligation
    /// and all are satisfied; else denied. Every other outcome stays.
    /// </summary>
    /// <param name="hasObligationChannel">Whether something enforces the obligations from here on, such as a proxy that strips what may not leave.</param>
    /// <param name="isSatisfied">Whether an obligation is satisfied already; null for none.</param>
    public ContextOutcome Resolve(bool hasObligationChannel, Func<string, bool>? isSatisfied = null)
    {
        if (Outcome != ContextOutcome.Constrain)
        {
            return Outcome;
        }

        return hasObligationChannel || (Obligations.Count > 0 && isSatisfied is not null && Obligations.All(isSatisfied)) ? ContextOutcome.Allow : ContextOutcome.Deny;
    }
}
