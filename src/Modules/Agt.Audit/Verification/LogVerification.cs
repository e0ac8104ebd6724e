using Agt.Audit.Merkle;
using Agt.Audit.Notes;

namespace Agt.Audit.Verification;

/// <summary>What came of verifying a log.</summary>
/// <param name="IsValid">Whether every record is the one that was signed, and the signer is trusted.</param>
/// <param name="EntriesVerified">How many records were hashed again.</param>
/// <param name="Root">The root of what was read.</param>
/// <param name="FailedIndex">The first record that is not the one that was signed; null if there is none or it cannot be told.</param>
/// <param name="Error">What is wrong; null if nothing.</param>
/// <param name="IsTrusted">Whether the checkpoint is signed by who is trusted. False with no error in the records means that nobody vouches for them.</param>
/// <param name="Checkpoint">The checkpoint of the log; null if it has none that can be read.</param>
/// <param name="Findings">What needs an explanation, in order; 1,000 at most.</param>
/// <param name="FindingCount">How many findings there were.</param>
public sealed record LogVerification(
    bool IsValid, long EntriesVerified, LogHash Root, long? FailedIndex, string? Error, bool IsTrusted, SignedCheckpoint? Checkpoint, IReadOnlyList<LogFinding> Findings, long FindingCount);
