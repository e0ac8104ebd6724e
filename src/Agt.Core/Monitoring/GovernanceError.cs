namespace Agt.Monitoring;

/// <summary>A decision that failed, and so denied (spec 08, ADP-141).</summary>
/// <param name="Reason">The reason code.</param>
/// <param name="DecisionId">Finds the record, and the log message with the exception.</param>
/// <param name="Timestamp">When (UTC).</param>
public sealed record GovernanceError(string Reason, DecisionId DecisionId, DateTimeOffset Timestamp);
