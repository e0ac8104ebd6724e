namespace Agt.Monitoring;

/// <summary>One decision or outcome as an operator sees it (spec 08, ADP-142). Holds no arguments and no results.</summary>
/// <param name="Timestamp">When (UTC).</param>
/// <param name="EventType"><c>decision</c>, or the outcome: <c>completed</c>, <c>failed</c>, <c>cancelled</c>, <c>abandoned</c>.</param>
/// <param name="ToolName">The tool; null for what is no tool call.</param>
/// <param name="Allowed">Whether it was allowed; of an outcome, whether its result was handed on.</param>
/// <param name="Reason">The reason code.</param>
/// <param name="AgentId">The agent.</param>
/// <param name="SessionId">The session.</param>
/// <param name="OperationId">The framework's id of the call, or null.</param>
/// <param name="DecisionId">Finds the whole record in the decision log.</param>
public sealed record AuditEntry(
    DateTimeOffset Timestamp, string EventType, string? ToolName, bool Allowed, string Reason, string AgentId, string SessionId, string? OperationId, DecisionId DecisionId)
{
    /// <summary>Whether the decision holds; false where the host only evaluates (spec 08, ADP-050).</summary>
    public bool IsEnforced { get; init; } = true;
}
