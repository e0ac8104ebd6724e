using Agt.Audit.Notes;

namespace Agt.Compliance.Reports;

/// <summary>What came of checking a report. Immutable.</summary>
/// <param name="IsValid">Whether every proof holds, every record shown says what is claimed, and the sums are those of the parts.</param>
/// <param name="IsTrusted">Whether the checkpoint is signed by who is trusted.</param>
/// <param name="SignedBy">The trusted key of a log that signed the report as a whole; null if none did.</param>
/// <param name="Checkpoint">The checkpoint; null if there is none that can be read.</param>
/// <param name="Proofs">How many inclusion proofs were checked.</param>
/// <param name="Claims">How many claims about a record were compared with the record itself.</param>
/// <param name="Problems">What is wrong; 50 at most.</param>
public sealed record ReportVerification(bool IsValid, bool IsTrusted, VerifierKey? SignedBy, SignedCheckpoint? Checkpoint, int Proofs, int Claims, IReadOnlyList<string> Problems);
