using Agt.Audit.Records;

namespace Agt.Audit.Retention;

/// <summary>
/// Records that must stay, whatever retention or erasure say, until the hold is released: those of an agent, of a time, of a trace, or of all that is set together (spec 09, AUD-610). Immutable and
/// thread-safe.
/// </summary>
/// <param name="Id">Its name: 1 to 64 letters, digits, dots, dashes and underscores.</param>
/// <param name="Reason">Why, for example the number of the case.</param>
public sealed record LegalHold(string Id, string Reason)
{
    internal const string PlacedType = "hold.placed";
    internal const string ReleasedType = "hold.released";

    /// <summary>The agent whose records stay; null for every agent.</summary>
    public string? Agent { get; init; }

    /// <summary>The trace whose records stay; null for every trace.</summary>
    public string? Trace { get; init; }

    /// <summary>The earliest record that stays, itself included; null for the start of the log.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest record that stays, itself included; null for no end: also what is still to come.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Who placed it; null before it is placed.</summary>
    public string? Actor { get; init; }

    /// <summary>The index of the record that placed it; -1 before it is placed.</summary>
    public long Index { get; init; } = -1;

    internal bool Holds(in RecordHead head) =>
        (Agent is null || head.Agent == Agent) && (Trace is null || head.TraceId == Trace) &&
        (From is null || head.OccurredAt is null || head.OccurredAt >= From) && (To is null || head.OccurredAt is null || head.OccurredAt <= To);

    internal void Check()
    {
        if (Id.Length is 0 or > 64 || Id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
        {
            throw new ArgumentException($"'{Id}' is no name of a hold: 1 to 64 letters, digits, dots, dashes and underscores.", nameof(Id));
        }

        if (string.IsNullOrWhiteSpace(Reason))
        {
            throw new ArgumentException("A hold has a reason.", nameof(Reason));
        }

        if (From > To)
        {
            throw new ArgumentException($"The hold begins at {From:O}, behind its end at {To:O}.", nameof(From));
        }
    }

    internal AuditEvent Placed(string actor)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["agt.actor"] = actor, ["agt.hold"] = Id };
        Add("agt.held_agent", Agent);
        Add("agt.held_from", From?.ToString("O"));
        Add("agt.held_to", To?.ToString("O"));
        Add("agt.held_trace", Trace);
        return new AuditEvent("hold", PlacedType, "hold") { Reason = Reason, Attributes = attributes };

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                attributes[name] = value;
            }
        }
    }
}
