namespace Agt.Events;

/// <summary>One event.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Timestamp">When (UTC).</param>
/// <param name="Action">The action.</param>
/// <param name="Decision">The decision, if there is one yet.</param>
/// <param name="Status">How the operation ended, for <see cref="GovernanceEventKind.OperationCompleted"/>.</param>
public readonly record struct GovernanceEvent(
    GovernanceEventKind Kind, DateTimeOffset Timestamp, GovernedAction Action, Decision? Decision, OutcomeStatus? Status = null)
{
    /// <summary>A figure that belongs to the event: calls that have run for <see cref="GovernanceEventKind.CheckpointCreated"/>, the score for <see cref="GovernanceEventKind.DriftDetected"/>.</summary>
    public double? Value { get; init; }
}
