namespace Agt.Policy.Limits;

/// <summary>Something to know of a session under a <see cref="GovernancePolicy"/>.</summary>
/// <param name="what">What.</param>
/// <param name="policy">The name of the policy.</param>
/// <param name="action">The call. Its payload is readable during the event only.</param>
/// <param name="value">Calls that have run or are running, or how far the result has drifted, 0 to 1.</param>
/// <param name="drift">The measure, where a result has drifted.</param>
public sealed class LimitEventArgs(LimitEvent what, string policy, GovernedAction action, double value, DriftResult? drift = null) : EventArgs
{
    /// <summary>What.</summary>
    public LimitEvent What => what;

    /// <summary>The name of the policy.</summary>
    public string Policy => policy;

    /// <summary>The call. Its payload is readable during the event only.</summary>
    public GovernedAction Action => action;

    /// <summary>Calls that have run or are running, or how far the result has drifted, 0 to 1.</summary>
    public double Value => value;

    /// <summary>The measure of <see cref="LimitEvent.DriftDetected"/>; null for other events.</summary>
    public DriftResult? Drift => drift;
}
