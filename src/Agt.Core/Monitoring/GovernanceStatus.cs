namespace Agt.Monitoring;

/// <summary>How well governance works.</summary>
public enum GovernanceStatus
{
    /// <summary>As it should.</summary>
    Healthy,

    /// <summary>A decision or its record failed within the last five minutes; what it was about was denied.</summary>
    Degraded,

    /// <summary>Nothing is allowed: every agent is killed, or there is no policy where one is required.</summary>
    Unhealthy,
}
