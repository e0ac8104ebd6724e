using Agt.Audit.Notes;

namespace Agt.Compliance.Reports;

/// <summary>What a verified log says about frameworks, in a period, computed from its records alone (spec 09, CMP-010 to CMP-015). Immutable.</summary>
public sealed record ComplianceReport
{
    /// <summary>The name of this form of report.</summary>
    public const string Schema = "agt.compliance-report/1";

    /// <summary>When it was made.</summary>
    public required DateTimeOffset GeneratedAt { get; init; }

    /// <summary>The checkpoint it was computed from: which log, how many records, which root.</summary>
    public required SignedCheckpoint Checkpoint { get; init; }

    /// <summary>The earliest time of a record that counts, itself included; null for the start of the log.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest time, itself included; null for the checkpoint.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only records of this agent, or null for all.</summary>
    public string? Agent { get; init; }

    /// <summary>How many records were verified: all that the checkpoint covers and that were not purged.</summary>
    public long RecordsVerified { get; init; }

    /// <summary>How many records were purged from the start of the log. Only their hashes are left: they speak for nothing.</summary>
    public long RecordsPurged { get; init; }

    /// <summary>How many of them are of the period and the agent.</summary>
    public long RecordsConsidered { get; init; }

    /// <summary>How many were verified and could not be read as records: of an unknown version, or without a time. They speak for nothing.</summary>
    public long RecordsUnreadable { get; init; }

    /// <summary>Whether witnesses that the reader trusts cosigned the checkpoint.</summary>
    public bool IsWitnessed { get; init; }

    /// <summary>What verification found in the whole log: how often, by kind.</summary>
    public IReadOnlyDictionary<string, long> Findings { get; init; } = new Dictionary<string, long>();

    /// <summary>Whether there are more findings than were looked at.</summary>
    public bool FindingsIncomplete { get; init; }

    /// <summary>The frameworks, in the order they were asked for.</summary>
    public IReadOnlyList<FrameworkResult> Frameworks { get; init; } = [];

    /// <summary>How many violations were recorded in the period.</summary>
    public long TotalViolations { get; init; }

    /// <summary>How many of them are open.</summary>
    public long OpenViolations { get; init; }

    /// <summary>The violations, open ones first; 1,000 at most.</summary>
    public IReadOnlyList<ReportedViolation> Violations { get; init; } = [];

    /// <summary>What to do first; 10 at most.</summary>
    public IReadOnlyList<string> Recommendations { get; init; } = [];

    /// <summary>The records that are shown as samples, by index, with proofs.</summary>
    public IReadOnlyList<EvidenceRecord> Evidence { get; init; } = [];
}
