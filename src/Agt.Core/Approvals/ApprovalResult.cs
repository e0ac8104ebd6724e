namespace Agt.Approvals;

internal readonly record struct ApprovalResult(bool IsApproved, ReasonCode Reason, string? Approver)
{
    internal static ApprovalResult Refused(ReasonCode reason, string? approver) => new(false, reason, approver);
}
