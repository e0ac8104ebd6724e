namespace Agt;

/// <summary>On whose behalf an action happens.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="User">The user it works for, as the host's identity system names them; null when unknown.</param>
/// <param name="Tenant">The tenant; null when there is none.</param>
public sealed record Principal(AgentId Agent, string? User = null, string? Tenant = null)
{
    /// <summary>Whether another principal is this one, or the same agent with a user or tenant that this one leaves open.</summary>
    public bool IsSatisfiedBy(Principal other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, other) ||
            (Agent == other.Agent && (User is null || User == other.User) && (Tenant is null || Tenant == other.Tenant));
    }
}
