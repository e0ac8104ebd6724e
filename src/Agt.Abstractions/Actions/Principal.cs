namespace Agt;

/// <summary>On whose behalf an action happens.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="User">The user it works for, as the host's identity system names them; null when unknown.</param>
/// <param name="Tenant">The tenant; null when there is none.</param>
public sealed record Principal(AgentId Agent, string? User = null, string? Tenant = null);
