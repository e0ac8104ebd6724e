namespace Agt.Approvals;

/// <summary>A request that waits. A picture of the moment.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="Level">At which level it is, from 0.</param>
/// <param name="ApprovedBy">Who has approved at this level so far.</param>
public sealed record PendingApproval(ApprovalRequest Request, int Level, IReadOnlyList<string> ApprovedBy);
