using System.Security.Cryptography;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using Agt.Compliance.Engine;

namespace Agt.Compliance.Reports;

/// <summary>Signs reports: an in-toto statement about the log's tree, in a DSSE envelope, by the key of the log (spec 09, CMP-014).</summary>
public static class ReportStatement
{
    /// <summary>The type of what the statement says: a report as <see cref="ReportJson"/> writes it.</summary>
    public const string PredicateType = "urn:agt:compliance-report:1";

    /// <summary>Signs a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="signer">The signer of the log.</param>
    /// <exception cref="ArgumentException">The signer is that of another log.</exception>
    /// <exception cref="IOException">The signer cannot be reached.</exception>
    public static DsseEnvelope Sign(ComplianceReport report, IAuditSigner signer)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(signer);
        string origin = report.Checkpoint.Checkpoint.Origin;
        if (signer.Key.Name != origin)
        {
            throw new ArgumentException($"The key is that of '{signer.Key.Name}', the report is about the log '{origin}'.", nameof(signer));
        }

        return signer.Sign(new InTotoStatement([new StatementSubject(origin, report.Checkpoint.Checkpoint.Root)], PredicateType, ReportJson.Write(report)));
    }

    /// <summary>Records in the log that a report was made, by its digest: evidence that use is looked at.</summary>
    /// <param name="log">The log.</param>
    /// <param name="envelope">The signed report.</param>
    /// <param name="cancellationToken">Ends the wait for the record.</param>
    /// <returns>The index of the record.</returns>
    /// <exception cref="IOException">The log cannot take the record.</exception>
    public static ValueTask<long> RecordAsync(AuditLog log, DsseEnvelope envelope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(envelope);
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { [ComplianceEvents.Sha256] = Convert.ToHexStringLower(SHA256.HashData(envelope.Payload.Span)) };
        return log.AppendAsync(new AuditEvent("commitment", ComplianceEvents.Report, "report") { Attributes = attributes }, cancellationToken);
    }
}
