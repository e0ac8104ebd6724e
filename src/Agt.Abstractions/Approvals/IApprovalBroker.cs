namespace Agt.Approvals;

/// <summary>
/// Asks a person. The chain calls it once every interceptor has agreed that nothing but a person's word is missing.
/// </summary>
/// <remarks>
/// Thread-safe. What throws, answers for another request, answers twice or does not answer in time is a refusal. The answer counts only for the exact action that was asked about:
/// it carries the ticket of its request, which is bound to the digest of the final action and of the policy set, expires, and works once.
/// </remarks>
public interface IApprovalBroker
{
    /// <summary>Asks.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the request expires.</param>
    ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken);
}
