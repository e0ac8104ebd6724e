namespace Agt;

/// <summary>What every adapter lets its host choose.</summary>
public abstract class AdapterOptions
{
    /// <summary>Who acts. Default <see cref="AgentId.Anonymous"/>.</summary>
    public AgentId Agent { get; set; } = AgentId.Anonymous;

    /// <summary>The user the agent works for; null when unknown.</summary>
    public string? User { get; set; }

    /// <summary>The tenant; null when there is none.</summary>
    public string? Tenant { get; set; }

    /// <summary>Whether a denied tool call also stops the framework's loop. Default false: the model is told and may go on.</summary>
    public bool TerminateOnDeny { get; set; }

    /// <summary>Who acts, as one object.</summary>
    public Principal ToPrincipal() => new(Agent, User, Tenant);
}
