namespace Agt.Audit.Queries;

/// <summary>Which records are wanted; everything that is set must hold (spec 09, AUD-701). Immutable and thread-safe.</summary>
public sealed record AuditQuery
{
    /// <summary>The longest page.</summary>
    public const int MaxLimit = 1_000;

    private const int MaxText = 1_024;

    /// <summary>Who acted: a DID or another id.</summary>
    public string? Agent { get; init; }

    /// <summary>The kind of record, such as <c>decision</c> or <c>outcome</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The type of event, such as <c>governance_decision</c>.</summary>
    public string? EventType { get; init; }

    /// <summary>What was done: the name of a tool, or the operation.</summary>
    public string? Action { get; init; }

    /// <summary><c>allow</c>, <c>warn</c>, <c>escalate</c> or <c>deny</c>.</summary>
    public string? Decision { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>The SHA-256 of a policy that took part, or of the whole set, 64 lower-case hexadecimal digits.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>The session.</summary>
    public string? Session { get; init; }

    /// <summary>The trace, 32 lower-case hexadecimal digits.</summary>
    public string? Trace { get; init; }

    /// <summary>What became of the effect: <c>success</c>, <c>failure</c>, <c>denied</c> or <c>error</c>. Only outcomes have one.</summary>
    public string? Outcome { get; init; }

    /// <summary>The earliest time of a record, itself included.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest time of a record, itself included.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only records before this index; null for the end of the log. <see cref="AuditPage.Next"/> of the page before.</summary>
    public long? Before { get; init; }

    /// <summary>The most records of a page, 1 to 1,000. Default 100.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>What is set, by field.</summary>
    internal IReadOnlyList<(IndexField Field, string Value)> Terms()
    {
        var terms = new List<(IndexField, string)>();
        Add(IndexField.Trace, Trace);
        Add(IndexField.Session, Session);
        Add(IndexField.Rule, Rule);
        Add(IndexField.Policy, PolicyHash);
        Add(IndexField.Action, Action);
        Add(IndexField.Agent, Agent);
        Add(IndexField.Outcome, Outcome);
        Add(IndexField.Decision, Decision);
        Add(IndexField.EventType, EventType);
        Add(IndexField.Kind, Kind);
        return terms;

        void Add(IndexField field, string? value)
        {
            if (value is not null)
            {
                terms.Add((field, value));
            }
        }
    }

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ArgumentException">The message says what would be right.</exception>
    internal void Check()
    {
        if (Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentException($"The limit of a query is {Limit}, not 1 to {MaxLimit}. Ask for the records behind those by {nameof(Before)}.");
        }

        if (Before < 0)
        {
            throw new ArgumentException($"{nameof(Before)} is {Before}; it is an index, from 0.");
        }

        if (From > To)
        {
            throw new ArgumentException($"The time of a query begins at {From:O}, behind its end at {To:O}.");
        }

        foreach ((IndexField field, string value) in Terms())
        {
            if (value.Length is 0 or > MaxText)
            {
                throw new ArgumentException($"The {field} of a query has {value.Length} characters, not 1 to {MaxText}.");
            }
        }
    }
}
