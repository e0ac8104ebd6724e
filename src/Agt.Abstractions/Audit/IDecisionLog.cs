namespace Agt.Audit;

/// <summary>
/// Where the chain writes every decision, before the effect, and every outcome, after it. Exactly one decision record per action, also for denials.
/// </summary>
/// <remarks>
/// Thread-safe. If an append throws or fails, the action is denied (<see cref="ReasonCodes.AuditUnavailable"/>). Records refer to the action; a log that
/// needs its payload later takes a lease with <see cref="DecisionRecord.LeasePayload"/> before it returns.
/// </remarks>
public interface IDecisionLog
{
    /// <summary>Takes a decision. When the task ends the record is as durable as the log promises.</summary>
    ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken);

    /// <summary>Takes what became of an action that was allowed.</summary>
    ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken);
}
