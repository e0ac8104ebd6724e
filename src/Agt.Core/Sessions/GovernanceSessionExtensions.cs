namespace Agt;

/// <summary>Finding the session of a call.</summary>
public static class GovernanceSessionExtensions
{
    /// <summary>
    /// The ambient session if it is the principal's (a session may also name the user and tenant that the principal leaves open), else the one that the host's <see cref="ISessionResolver"/> finds, else a new one that ends with the lease (and so starts with full budgets; open one yourself and enter its
    /// <see cref="GovernanceScope"/> to hold several calls together).
    /// </summary>
    /// <exception cref="GovernanceDeniedException">The agent may not start, or the resolver failed or found a session of somebody else.</exception>
    public static ValueTask<SessionLease> AcquireSessionAsync(this IGovernance governance, Principal principal, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(governance);
        ArgumentNullException.ThrowIfNull(principal);
        return GovernanceScope.Session is { } session && principal.IsSatisfiedBy(session.Principal)
            ? new ValueTask<SessionLease>(new SessionLease(session, owned: false))
            : OpenAsync(governance, principal, cancellationToken);
    }

    private static async ValueTask<SessionLease> OpenAsync(IGovernance governance, Principal principal, CancellationToken cancellationToken) =>
        governance is Chain.GovernanceEngine engine && await engine.ResolveAsync(principal, cancellationToken).ConfigureAwait(false) is { } found
            ? new SessionLease(found, owned: false)
            : new SessionLease(await governance.OpenSessionAsync(principal, null, cancellationToken).ConfigureAwait(false), owned: true);
}
