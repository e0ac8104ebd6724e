namespace Agt.Audit;

/// <summary>What became of an allowed action, as handed to the log.</summary>
/// <param name="DecisionId">The decision that let it run.</param>
/// <param name="Timestamp">When it ended (UTC).</param>
/// <param name="Action">The action.</param>
/// <param name="Status">How it ended.</param>
/// <param name="ResultDecision">The decision on its result; null when there was no result to decide on.</param>
public readonly record struct OutcomeRecord(
    DecisionId DecisionId, DateTimeOffset Timestamp, GovernedAction Action, OutcomeStatus Status, Decision? ResultDecision);
