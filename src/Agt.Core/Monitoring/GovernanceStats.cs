namespace Agt.Monitoring;

/// <summary>What was counted since the start of the host (spec 08, ADP-143).</summary>
public sealed record GovernanceStats
{
    /// <summary>Tool calls that were decided on.</summary>
    public required long TotalToolCalls { get; init; }

    /// <summary>Model calls that were decided on.</summary>
    public required long TotalModelCalls { get; init; }

    /// <summary>Sessions that were asked for.</summary>
    public required long TotalSessions { get; init; }

    /// <summary>Tool calls whose tool is <c>handoff:...</c>.</summary>
    public required long TotalHandoffs { get; init; }

    /// <summary>Decisions and results that were allowed, those with a warning included. Where the host only evaluates: that would be.</summary>
    public required long TotalAllowed { get; init; }

    /// <summary>Of these, those with a warning.</summary>
    public required long TotalWarned { get; init; }

    /// <summary>Actions that were denied, and results that were withheld.</summary>
    public required long TotalViolations { get; init; }

    /// <summary>Actions that waited for a person, whatever the answer.</summary>
    public required long TotalApprovals { get; init; }

    /// <summary>Attempts to get past a hook that were noticed.</summary>
    public required long TotalBypasses { get; init; }

    /// <summary>Sessions that are open now.</summary>
    public required int OpenSessions { get; init; }

    /// <summary>Actions that wait now because their agent is stopped.</summary>
    public required int StoppedActions { get; init; }

    /// <summary>For how long the host has been running, in seconds.</summary>
    public required double UptimeSeconds { get; init; }
}
