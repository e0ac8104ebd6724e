using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Agt.Audit;

/// <summary>Something the log records besides decisions and outcomes: its start and stop, a change of configuration, a security event. Immutable once handed over.</summary>
/// <param name="Kind">The kind of record: <c>event</c>, <c>config</c>, <c>security</c>, <c>hold</c>, <c>erasure</c>, <c>commitment</c>, <c>delta</c> or <c>imported</c> (spec 09, 4.1).</param>
/// <param name="EventType">What happened, at most 128 characters, for example <c>log.started</c>.</param>
/// <param name="Action">What was done, at most 1,024 characters.</param>
public sealed record AuditEvent(string Kind, string EventType, string Action)
{
    private const int MaxAttributes = 64;
    private static readonly FrozenSet<string> Kinds =
        FrozenSet.Create(StringComparer.Ordinal, "event", "delta", "commitment", "erasure", "hold", "config", "security", "imported");

    private readonly ImmutableSortedDictionary<string, string> _attributes = ImmutableSortedDictionary<string, string>.Empty;

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
    /// <remarks>Copied: what the caller does with its dictionary later changes nothing.</remarks>
    public IReadOnlyDictionary<string, string> Attributes
    {
        get => _attributes;
        init => _attributes = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, value);
    }

    /// <summary>Says what is wrong with the event.</summary>
    /// <exception cref="ArgumentException">A kind that does not exist, no action, too many attributes, or a severity that does not exist (<c>InvalidRecord</c>).</exception>
    internal void Check()
    {
        if (!Kinds.Contains(Kind))
        {
            throw new ArgumentException($"'{Kind}' is no kind of record: {string.Join(", ", Kinds)}.", nameof(Kind));
        }

        if (string.IsNullOrWhiteSpace(Action) || EventType.Length > 128 || Action.Length > 1_024)
        {
            throw new ArgumentException("A record names its action, in 1,024 characters at most, and its type in 128.", nameof(Action));
        }

        if (_attributes.Count > MaxAttributes)
        {
            throw new ArgumentException($"A record has {MaxAttributes} attributes at most.", nameof(Attributes));
        }

        if (Severity is not ("info" or "low" or "medium" or "high" or "critical"))
        {
            throw new ArgumentException($"'{Severity}' is no severity: info, low, medium, high or critical.", nameof(Severity));
        }
    }
}
