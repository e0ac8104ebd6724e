namespace Agt.Audit.Retention;

/// <summary>How long records are kept before <see cref="AuditLog.PurgeAsync"/> may drop them (spec 09, AUD-608).</summary>
public sealed class RetentionOptions
{
    /// <summary>The shortest time that records of a high-risk AI system are kept: six months (EU AI Act, Art. 19 and Art. 26(6)).</summary>
    public static readonly TimeSpan HighRiskMinimum = TimeSpan.FromDays(183);

    /// <summary>How long a record is kept; more than zero. Default 365 days.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromDays(365);

    /// <summary>
    /// Other times for kinds of records (<c>decision</c>, <c>outcome</c>, <c>event</c>, <c>config</c> ...). A log is dropped from its start, so that a record which is kept longer also keeps those behind it.
    /// </summary>
    public IDictionary<string, TimeSpan> PerKind { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);

    /// <summary>Whether the agents are, or are part of, a high-risk system under the EU AI Act: nothing is kept for less than 183 days then. Default false.</summary>
    public bool IsHighRisk { get; set; }

    /// <summary>How long a kind is kept.</summary>
    internal TimeSpan Of(string? kind) => kind is not null && PerKind.TryGetValue(kind, out TimeSpan period) ? period : Period;

    /// <summary>Says what is wrong; nothing if all is well.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach ((string name, TimeSpan period) in PerKind.Append(new(nameof(Period), Period)))
        {
            if (period <= TimeSpan.Zero)
            {
                yield return $"Retention of '{name}' is {period}; it must be more than zero.";
            }
            else if (IsHighRisk && period < HighRiskMinimum)
            {
                yield return $"Retention of '{name}' is {period.TotalDays} days; a high-risk system keeps its records for {HighRiskMinimum.TotalDays} days at least (EU AI Act, Art. 26(6)).";
            }
        }
    }
}
