namespace Agt.Policy.Limits;

/// <summary>What is reported of a session under a <see cref="GovernancePolicy"/>.</summary>
public enum LimitEvent
{
    /// <summary>As many calls have run as <see cref="GovernancePolicy.CheckpointFrequency"/> says, once more (<c>checkpoint_created</c>).</summary>
    CheckpointCreated,

    /// <summary>A result is further from the first one of its operation and tool than <see cref="GovernancePolicy.DriftThreshold"/> (<c>drift_detected</c>).</summary>
    DriftDetected,

    /// <summary>As many calls are running as <see cref="GovernancePolicy.BackpressureThreshold"/> says, or more.</summary>
    Backpressure,
}
