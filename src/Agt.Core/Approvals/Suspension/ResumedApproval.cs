using System.Security.Claims;

namespace Agt.Approvals;

/// <summary>The answer that a person gave to a suspended action. Asked once the action, made again, needs a person's word still.</summary>
internal sealed class ResumedApproval(ApprovalSuspension suspension, string ticket, ClaimsPrincipal[] approvers, bool isApproved, string? comment) : IApprovalBroker
{
    public async ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        var waiting = new WaitingApproval(request, [[.. request.Escalations.Select(escalation => new ApprovalLevel(escalation.Verdict.Detail?.Approvers ?? []))]]);
        bool isEnough = false;
        string? refuser = null;
        foreach (ClaimsPrincipal approver in approvers)
        {
            if (approver.Identity is not { IsAuthenticated: true, Name: { } name } || string.IsNullOrWhiteSpace(name) || ApprovalDesk.IsSelf(request.Principal, name) ||
                !waiting.Admits(approver, name) || waiting.HasApproved(name))
            {
                throw new InvalidOperationException("The answer is of somebody who may not give it.");
            }

            isEnough = waiting.Approve(approver, name);
            refuser ??= name;
        }

        if (refuser is null || (isApproved && !isEnough))
        {
            throw new InvalidOperationException("More people have to approve.");
        }

        // Only now, so that an answer that does not count leaves the ticket to one that does.
        if (!await suspension.TryRedeemAsync(ticket, request, cancellationToken).ConfigureAwait(false))
        {
            return new ApprovalResponse(false, string.Empty, refuser);
        }

        return isApproved ? request.Approve(waiting.ApprovedBy, comment) : request.Reject(refuser, comment);
    }
}
