namespace Agt.Events;

/// <summary>One event.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Timestamp">When (UTC).</param>
/// <param name="Action">The action.</param>
/// <param name="Decision">The decision, if there is one yet.</param>
/// <param name="Status">How the operation ended, for <see cref="GovernanceEventKind.OperationCompleted"/>.</param>
public readonly record struct GovernanceEvent(
    GovernanceEventKind Kind, DateTimeOffset Timestamp, GovernedAction Action, Decision? Decision, OutcomeStatus? Status = null);
