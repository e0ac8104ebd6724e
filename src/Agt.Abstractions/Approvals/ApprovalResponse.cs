namespace Agt.Approvals;

/// <summary>A person's answer. Make it with <see cref="ApprovalRequest.Approve"/> or <see cref="ApprovalRequest.Reject"/>.</summary>
/// <param name="IsApproved">Whether the action may run.</param>
/// <param name="Ticket">The ticket of the request it answers.</param>
/// <param name="Approver">Who says so.</param>
/// <param name="Comment">Why, for the record.</param>
public sealed record ApprovalResponse(bool IsApproved, string Ticket, string Approver, string? Comment = null)
{
    /// <summary>Nobody has answered yet and nobody waits: the action is denied with <see cref="ReasonCodes.ApprovalRequired"/> and made again once there is an answer (spec 08, ADP-110). For brokers that suspend.</summary>
    public static ApprovalResponse Suspended { get; } = new(false, string.Empty, string.Empty);
}
