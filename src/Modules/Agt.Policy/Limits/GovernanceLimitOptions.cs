namespace Agt.Policy.Limits;

/// <summary>What a host does about what a <see cref="GovernancePolicy"/> finds. Read once, when the host starts.</summary>
public sealed class GovernanceLimitOptions
{
    /// <summary>What drift over the threshold leads to. Default <see cref="DriftAction.Event"/>.</summary>
    public DriftAction DriftAction { get; set; }

    /// <summary>Where checkpoints are kept; null (default) for the service <see cref="ICheckpointStore"/> of the host, which is a <see cref="MemoryCheckpointStore"/> unless it has another one.</summary>
    public ICheckpointStore? Checkpoints { get; set; }

    /// <summary>
    /// How long a call waits for its turn at the most while as many calls run as <see cref="GovernancePolicy.BackpressureThreshold"/> says, first come first served, 0 to 60 seconds; after that it
    /// runs all the same, if there is a place. Default 0: nobody waits (spec 08, ADP-073). Counts as time for deciding, so keep it below <c>GovernanceOptions.EvaluationTimeout</c>.
    /// </summary>
    public TimeSpan BackpressureWait { get; set; }

    /// <summary>Names that mean the same tool, in <see cref="GovernancePolicy.AllowedTools"/> and in calls. Default <see cref="ToolAliases.Default"/>; <see cref="ToolAliases.None"/> compares names alone. Case never matters.</summary>
    public ToolAliases Aliases { get; set; } = ToolAliases.Default;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(DriftAction))
        {
            throw new ArgumentException("Governance policy: DriftAction must be Event, Warn or Deny.");
        }

        if (Aliases is null)
        {
            throw new ArgumentException("Governance policy: Aliases must be set; use ToolAliases.None for none.");
        }

        if (BackpressureWait < TimeSpan.Zero || BackpressureWait > TimeSpan.FromSeconds(60))
        {
            throw new ArgumentException("Governance policy: BackpressureWait must be between 0 and 60 seconds.");
        }
    }
}
