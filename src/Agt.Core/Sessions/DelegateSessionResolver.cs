namespace Agt.Sessions;

/// <summary>A resolver made of a delegate.</summary>
internal sealed class DelegateSessionResolver(Func<Principal, CancellationToken, ValueTask<GovernanceSession?>> resolve) : ISessionResolver
{
    public ValueTask<GovernanceSession?> ResolveAsync(Principal principal, CancellationToken cancellationToken) => resolve(principal, cancellationToken);
}
