namespace Agt.Approvals;

/// <summary>A request came, or went on to its next level.</summary>
/// <param name="pending">The request.</param>
public sealed class PendingApprovalEventArgs(PendingApproval pending) : EventArgs
{
    /// <summary>The request.</summary>
    public PendingApproval Pending { get; } = pending;
}
