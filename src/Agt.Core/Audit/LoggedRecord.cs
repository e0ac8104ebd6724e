namespace Agt.Audit;

/// <summary>One record of the <see cref="InMemoryDecisionLog"/>.</summary>
/// <param name="Sequence">Its place, from 0.</param>
/// <param name="DecisionId">The decision.</param>
/// <param name="Timestamp">When (UTC).</param>
/// <param name="Template">What kind of action.</param>
/// <param name="Session">The session.</param>
/// <param name="CallId">The framework's id of the call.</param>
/// <param name="Decision">The decision; in an outcome record that on the result, or null.</param>
/// <param name="Status">How the action ended; null in a decision record.</param>
/// <param name="Approver">Who approved or refused, if somebody was asked.</param>
public sealed record LoggedRecord(
    long Sequence,
    DecisionId DecisionId,
    DateTimeOffset Timestamp,
    ActionTemplate Template,
    SessionId Session,
    string? CallId,
    Decision? Decision,
    OutcomeStatus? Status,
    string? Approver)
{
    /// <summary>Whether it is an outcome record.</summary>
    public bool IsOutcome => Status is not null;
}
