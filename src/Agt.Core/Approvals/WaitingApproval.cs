using System.Security.Claims;

namespace Agt.Approvals;

/// <summary>One request on a desk: its level, who approved, and the answer once there is one. Its members are guarded by the lock of the desk.</summary>
internal sealed class WaitingApproval(ApprovalRequest request, IReadOnlyList<IReadOnlyList<ApprovalLevel>> levels)
{
    private readonly List<(string Name, ClaimsPrincipal Who)> _approved = [];

    internal ApprovalRequest Request => request;

    internal int Level { get; private set; }

    internal bool IsLastLevel => Level == levels.Count - 1;

    internal TaskCompletionSource<ApprovalResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal PendingApproval Picture => new(request, Level, [.. _approved.Select(approval => approval.Name)]);

    /// <summary>Whether somebody may answer at this level.</summary>
    internal bool Admits(ClaimsPrincipal who, string name) => levels[Level].Any(part => IsMember(part, who, name));

    internal bool HasApproved(string name) => _approved.Exists(approval => string.Equals(approval.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Counts an approval; true when nothing is missing any more.</summary>
    internal bool Approve(ClaimsPrincipal who, string name)
    {
        _approved.Add((name, who));
        return levels[Level].All(part => _approved.Count(approval => IsMember(part, approval.Who, approval.Name)) >= part.Required);
    }

    internal void GoOn()
    {
        Level++;
        _approved.Clear();
    }

    internal string ApprovedBy => string.Join(", ", _approved.Select(approval => approval.Name));

    private static bool IsMember(ApprovalLevel level, ClaimsPrincipal who, string name) =>
        level.Approvers.Count == 0 || level.Approvers.Any(approver => string.Equals(approver, name, StringComparison.OrdinalIgnoreCase) || who.IsInRole(approver));
}
