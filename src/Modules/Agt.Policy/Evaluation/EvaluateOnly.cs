namespace Agt.Policy;

/// <summary>Turns verdicts into what they would have been.</summary>
internal static class EvaluateOnly
{
    private static readonly ReasonCode WouldDeny = new("policy:would_deny", DenialCategory.None, "Allowed.");
    private static readonly ReasonCode WouldEscalate = new("policy:would_escalate", DenialCategory.None, "Allowed.");

    /// <summary>The verdict that permits and says what it would have been.</summary>
    internal static Verdict Of(Verdict verdict)
    {
        if (verdict.Detail is not { } detail || (verdict.Outcome is VerdictOutcome.Allow or VerdictOutcome.Warn && detail.Patches.Count == 0))
        {
            return verdict;
        }

        ReasonCode reason = verdict.Outcome switch
        {
            VerdictOutcome.Deny => WouldDeny,
            VerdictOutcome.Escalate => WouldEscalate,
            _ => detail.Reason,
        };
        return new Verdict(verdict.Outcome == VerdictOutcome.Allow ? VerdictOutcome.Allow : VerdictOutcome.Warn, new VerdictDetail(reason)
        {
            Explanation = $"would be: {detail.Reason}. {detail.Explanation}",
            Rule = detail.Rule,
            Policy = detail.Policy,
            PolicyVersion = detail.PolicyVersion,
            PolicyDigest = detail.PolicyDigest,
            PolicySigner = detail.PolicySigner,
            Approvers = detail.Approvers,
        });
    }
}
