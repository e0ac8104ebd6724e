namespace Agt;

/// <summary>
/// Lets the host, and nobody else, get at what it governed: unwrapping a governed object needs the key of the governance that wrapped it (spec 08, ADP-007). A host has one only after
/// <c>AddGovernance().AllowUnwrapping()</c>. Never hand it, or the provider that holds it, to tools or plug-ins.
/// </summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class UnwrapKey
{
    private readonly IGovernance _governance;

    internal UnwrapKey(IGovernance governance) => _governance = governance;

    /// <summary>The host's key.</summary>
    /// <param name="host">The host's services.</param>
    /// <exception cref="InvalidOperationException">The host has none.</exception>
    public static UnwrapKey Of(IServiceProvider host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return (UnwrapKey?)host.GetService(typeof(UnwrapKey)) ?? throw new InvalidOperationException(
            "Unwrap: this host allows no unwrapping. Call AllowUnwrapping() on what AddGovernance() returned.");
    }

    /// <summary>Refuses objects that another governance wrapped.</summary>
    /// <param name="governance">The governance of the object.</param>
    /// <exception cref="InvalidOperationException">The key belongs to another one.</exception>
    public void Open(IGovernance governance)
    {
        if (!ReferenceEquals(governance, _governance))
        {
            throw new InvalidOperationException("Unwrap: the object was governed by another host; its own key is needed.");
        }
    }
}
