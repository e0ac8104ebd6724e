namespace Agt.Policy.Limits;

/// <summary>How many calls of one session run at once under a <see cref="GovernancePolicy"/>, at one moment (spec 08, ADP-073).</summary>
/// <param name="Active">How many run.</param>
/// <param name="MaxConcurrent">How many may run.</param>
/// <param name="BackpressureThreshold">From how many on there is pressure.</param>
/// <param name="TotalAcquired">How many have got a place since the session began.</param>
/// <param name="TotalRejected">How many have got none.</param>
public readonly record struct ConcurrencyFigures(int Active, int MaxConcurrent, int BackpressureThreshold, long TotalAcquired, long TotalRejected)
{
    /// <summary>How many more may run.</summary>
    public int Available => Math.Max(0, MaxConcurrent - Active);

    /// <summary>Whether as many run as the threshold says, or more.</summary>
    public bool IsUnderPressure => Active >= BackpressureThreshold;
}
