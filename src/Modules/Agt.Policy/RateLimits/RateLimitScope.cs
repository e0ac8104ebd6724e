namespace Agt.Policy.RateLimits;

/// <summary>Who shares one count of a rate limit.</summary>
public enum RateLimitScope : byte
{
    /// <summary>Each agent has its own (default).</summary>
    Agent,

    /// <summary>Each tenant has its own.</summary>
    Tenant,

    /// <summary>Each session has its own.</summary>
    Session,

    /// <summary>Each tool has its own, for all agents together.</summary>
    Tool,
}
