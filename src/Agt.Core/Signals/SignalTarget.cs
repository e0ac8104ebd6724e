namespace Agt.Signals;

/// <summary>Whom a signal is for: everything, one agent in all its sessions, or one session of one agent. Immutable.</summary>
public sealed record SignalTarget
{
    private SignalTarget(AgentId? agent, SessionId? session)
    {
        Agent = agent;
        Session = session;
    }

    /// <summary>Every agent.</summary>
    public static SignalTarget All { get; } = new(null, null);

    /// <summary>The agent; null for all.</summary>
    public AgentId? Agent { get; }

    /// <summary>The session; null for all of the agent.</summary>
    public SessionId? Session { get; }

    /// <summary>One agent, in all sessions, also those to come.</summary>
    public static SignalTarget ForAgent(AgentId agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return new SignalTarget(agent, null);
    }

    /// <summary>One session.</summary>
    public static SignalTarget ForSession(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new SignalTarget(session.Principal.Agent, session.Id);
    }

    /// <summary>One session by its ids.</summary>
    public static SignalTarget ForSession(AgentId agent, SessionId session)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(session);
        return new SignalTarget(agent, session);
    }

    /// <summary>Whether a session is meant.</summary>
    public bool Includes(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return (Agent is null || Agent == session.Principal.Agent) && (Session is null || Session == session.Id);
    }

    /// <inheritdoc />
    public override string ToString() => Agent is null ? "all agents" : Session is null ? $"agent {Agent}" : $"session {Session} of agent {Agent}";
}
