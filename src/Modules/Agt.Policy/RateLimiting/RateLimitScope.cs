namespace Agt.Policy;

/// <summary>Whose calls a rate limit counts together.</summary>
public enum RateLimitScope : byte
{
    /// <summary>All calls of one agent.</summary>
    Agent,

    /// <summary>All calls of one tenant; calls without a tenant share one window.</summary>
    Tenant,

    /// <summary>All calls of one session.</summary>
    Session,

    /// <summary>All calls of one tool, whoever makes them.</summary>
    Tool,
}
