namespace Agt;

/// <summary>
/// Finds the session of a call that runs in no <c>GovernanceScope</c>: that of a conversation of the framework, of a connection, of a web request (spec 08, ADP-032). A service of the host. Thread-safe.
/// </summary>
public interface ISessionResolver
{
    /// <summary>Finds the session.</summary>
    /// <param name="principal">Who acts, as the adapter knows it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The session, which stays the resolver's to end; null where there is none, and the call then has one of its own. One of another principal, or of a user or tenant that the principal does not
    /// leave open, denies the call, and so does what this throws.
    /// </returns>
    ValueTask<GovernanceSession?> ResolveAsync(Principal principal, CancellationToken cancellationToken);
}
