namespace Agt.Audit;

/// <summary>Something the log records besides decisions and outcomes: its start and stop, a change of configuration, a security event. Immutable once handed over.</summary>
/// <param name="Kind">The kind of record: <c>event</c>, <c>config</c>, <c>security</c>, <c>hold</c>, <c>erasure</c>, <c>commitment</c>, <c>delta</c> or <c>imported</c> (spec 09, 4.1).</param>
/// <param name="EventType">What happened, at most 128 characters, for example <c>log.started</c>.</param>
/// <param name="Action">What was done, at most 1,024 characters.</param>
public sealed record AuditEvent(string Kind, string EventType, string Action)
{
    /// <summary>Who did it: a DID or another id; null for the log itself.</summary>
    public AgentId? Agent { get; init; }

    /// <summary>When; null for now.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>What was acted on, or null.</summary>
    public string? Resource { get; init; }

    /// <summary>Why, or null.</summary>
    public string? Reason { get; init; }

    /// <summary><c>info</c>, <c>low</c>, <c>medium</c>, <c>high</c> or <c>critical</c>.</summary>
    public string Severity { get; init; } = "info";

    /// <summary>Further facts: text by name. Names that are not of the specification carry a prefix and a dot.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty;
}
