using System.Security.Claims;
using Agt.Approvals;

namespace Agt.Adapters.ExtensionsAI.NativeApprovals;

/// <summary>
/// A person's word for one call, given ahead: answers what the chain asks when the call is resumed, once, and only what was asked before.
/// </summary>
internal sealed class GrantedCall(Question question, ClaimsPrincipal? approver, string fallback) : IApprovalBroker
{
    private int _used;

    public ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string name = approver?.Identity is { IsAuthenticated: true, Name: { } known } && !string.IsNullOrWhiteSpace(known) ? known : fallback;
        if (Interlocked.Exchange(ref _used, 1) != 0 || !question.Covers(request))
        {
            // An answer to another question; the chain refuses it as one.
            return new ValueTask<ApprovalResponse>(new ApprovalResponse(true, string.Empty, name));
        }

        return new ValueTask<ApprovalResponse>(request.Escalations.All(escalation => Admits(escalation, name))
            ? request.Approve(name)
            : request.Reject(name, "Not among those who may approve this."));
    }

    private bool Admits(Contribution escalation, string name) => escalation.Verdict.Detail?.Approvers is not { Count: > 0 } approvers ||
        approvers.Any(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase) || approver?.IsInRole(one) == true);
}
