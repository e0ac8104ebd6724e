namespace Agt.Policy.Acs;

/// <summary>Asks a person about an escalated action. Implementations are thread-safe.</summary>
public interface IAcsApprovalResolver
{
    /// <summary>Gives the answer. What throws, or answers nonsense, denies with <see cref="AcsReasons.ApprovalResolverFailed"/>.</summary>
    /// <param name="escalated">What was escalated; the answer names its <see cref="AcsResult.EnforcedIdentity"/>.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the time is over.</param>
    ValueTask<AcsApproval> ResolveAsync(AcsResult escalated, CancellationToken cancellationToken);
}
