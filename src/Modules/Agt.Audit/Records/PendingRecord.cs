using System.Diagnostics;
using Agt.Values;

namespace Agt.Audit.Records;

/// <summary>A record that waits for its place: references and numbers, as cheap to hand over as can be. It is put into words by the thread that writes the log.</summary>
internal struct PendingRecord
{
    internal GovernedAction? Action;
    internal DecisionId Id;
    internal DateTimeOffset Timestamp;
    internal Decision? Decision;
    internal GovernedValue Payload;
    internal ValueArena? Arena;
    internal string? Approver;
    internal OutcomeStatus? Status;
    internal Activity? Activity;
    internal IReadOnlySet<string>? Labels;

    /// <summary>A record that is in words already, except for what the log adds; null for a decision or an outcome.</summary>
    internal AuditEvent? Event;

    /// <summary>A record that another system handed in; null for one of this process.</summary>
    internal RecordDraft? Draft;

    /// <summary>Whether it is no record: somebody waits for those before it.</summary>
    internal readonly bool IsFlush => Action is null && Event is null && Draft is null;

    /// <summary>Whether the log numbers it among its own; an emitter that numbers its records itself does not want another number.</summary>
    internal readonly bool IsNumbered => Draft?.Emitter is null;

    /// <summary>Who waits until the record is durable; null for nobody.</summary>
    internal TaskCompletionSource<long>? Waiter;
}
