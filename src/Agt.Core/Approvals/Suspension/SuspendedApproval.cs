namespace Agt.Approvals;

/// <summary>An action that was not run because a person has to approve it first, and nobody waits for that. Immutable.</summary>
/// <param name="Request">What is asked, to be shown to a person.</param>
/// <param name="Ticket">What resumes the action once, in any process with the same keys and store. A secret: whoever has it, and an authenticated person's word, can resume. Not the ticket of <paramref name="Request"/>.</param>
/// <param name="ExpiresAt">When the ticket ends (UTC).</param>
public sealed record SuspendedApproval(ApprovalRequest Request, string Ticket, DateTimeOffset ExpiresAt)
{
    /// <summary>The id of the request; no ticket.</summary>
    public override string ToString() => Request.Id;
}
