using System.Globalization;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Verification;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>
/// Makes reports from a log: verifies it first, then judges the very bytes that were signed. Reads the log twice, in order, and holds no more of it than the samples of the report.
/// </summary>
/// <remarks>Use one for one report; not thread-safe. Needs no network and changes nothing.</remarks>
/// <param name="store">The log.</param>
/// <param name="trust">Whose checkpoints are believed.</param>
/// <param name="packs">The frameworks.</param>
public sealed partial class ComplianceReporter(IAuditStore store, TrustPolicy trust, IReadOnlyList<CompliancePack> packs)
{
    private const int MaxViolations = 1_000;
    private const int MaxRecommendations = 10;
    private const int CheckEvery = 4_096;
    private static readonly IReadOnlyList<string> NoFindings = [];
    private readonly IAuditStore _store = store ?? throw new ArgumentNullException(nameof(store));
    private readonly TrustPolicy _trust = trust ?? throw new ArgumentNullException(nameof(trust));
    private readonly IReadOnlyList<CompliancePack> _packs = packs ?? throw new ArgumentNullException(nameof(packs));

    /// <summary>The earliest time of a record that counts, itself included; null for the start of the log.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest time of a record that counts, itself included; null for the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only records of this agent; null for all.</summary>
    public string? Agent { get; init; }

    /// <summary>How many records for each check, for and against it, are shown with proofs: 1 to 100. Default 3.</summary>
    public int Samples { get; init; } = 3;

    /// <summary>Whether the report holds the records that are shown; else only their hashes. Default true.</summary>
    public bool IncludeRecords { get; init; } = true;

    /// <summary>The clock; null for that of the system.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Called now and then with how many of the two times the size of the log have been read.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Makes the report.</summary>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="LogNotVerifiedException">The log is not what was signed, or not signed by who is trusted.</exception>
    /// <exception cref="ArgumentException">The period ends before it begins, or the number of samples cannot be.</exception>
    public ComplianceReport Create(CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Samples, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Samples, 100);
        if (From > To)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The period begins at {From:O}, behind its end at {To:O}."));
        }

        LogVerification verified = new LogVerifier(store, trust) { Progress = Progress }.Verify(cancellationToken);
        if (!verified.IsValid || verified.Checkpoint is not { } checkpoint)
        {
            throw new LogNotVerifiedException("The log does not verify, so that nothing can be reported from it. " + verified.Error, verified);
        }

        var pass = new Pass(this, verified, checkpoint.Checkpoint.Size);
        pass.Run(checkpoint.Checkpoint, cancellationToken);
        return pass.Report(checkpoint, (Time ?? TimeProvider.System).GetUtcNow());
    }
}
