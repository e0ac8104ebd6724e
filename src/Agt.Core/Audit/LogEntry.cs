namespace Agt.Audit;

/// <summary>A record as it stands in a ring: references and numbers, no payload.</summary>
internal struct LogEntry
{
    internal long Sequence;
    internal DecisionId Id;
    internal DateTimeOffset Timestamp;
    internal ActionTemplate Template;
    internal SessionId Session;
    internal string? CallId;
    internal Decision? Decision;
    internal OutcomeStatus? Status;
    internal string? Approver;

    internal readonly LoggedRecord ToRecord() => new(Sequence, Id, Timestamp, Template, Session, CallId, Decision, Status, Approver);
}
