namespace Agt.Policy.BreakGlass;

/// <summary>Decides an action again without the rules that a grant lifts.</summary>
internal static class BreakGlassLift
{
    /// <summary>The code of what a grant let through.</summary>
    internal static ReasonCode Reason { get; } = new("policy:break_glass", DenialCategory.None, "Allowed.");

    /// <summary>Whether a verdict is of a kind that can be lifted: a rule, a default or a list held the action back, not an error.</summary>
    internal static bool CanLift(Verdict verdict) =>
        verdict.Outcome is VerdictOutcome.Deny or VerdictOutcome.Escalate
        && verdict.Detail is { Policy: { } } detail
        && detail.Reason != ReasonCodes.PolicyEvaluationError && detail.Reason != ReasonCodes.PolicyMissing;

    /// <summary>What a verdict becomes that is no longer held back: a warning that names the grant, and what it lifted.</summary>
    internal static Verdict Lifted(Verdict before, Verdict after, ActiveBreakGlass active)
    {
        VerdictDetail was = before.Detail!;
        return new Verdict(VerdictOutcome.Warn, new VerdictDetail(Reason)
        {
            Explanation = $"Break-glass grant {active.Grant.Id} ({active.Grant.Ticket}: {active.Grant.Reason}), signed by {string.Join(" and ", active.Signers)}, until {active.Grant.ExpiresAt.UtcDateTime:O}, lifts {was.Reason} of {was.Policy}/{was.Rule ?? BreakGlassGrant.DefaultDeny}. {was.Explanation}",
            Rule = was.Rule,
            Policy = was.Policy,
            PolicyVersion = was.PolicyVersion,
            PolicyDigest = was.PolicyDigest,
            PolicySigner = was.PolicySigner,
            Patches = after.Detail?.Patches ?? [],
        });
    }
}
