namespace Agt.Approvals;

/// <summary>How a desk asks.</summary>
public sealed class ApprovalDeskOptions
{
    /// <summary>
    /// The levels that a request goes through, first to last: each has an equal part of the time until the request expires, and the next one is asked when it is over. Null, or none for a request:
    /// one level, at which every rule that asks gets the word of one of its own approvers.
    /// </summary>
    public Func<ApprovalRequest, IReadOnlyList<ApprovalLevel>?>? Levels { get; set; }

    /// <summary>The most requests that wait at once, from 1. Further ones are refused. Default 1,000.</summary>
    public int MaxPending { get; set; } = 1_000;
}
