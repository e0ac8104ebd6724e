using Agt.Audit.Merkle;

namespace Agt.Compliance.Reports;

/// <summary>A record that a report shows, with the proof that it is in the log. Immutable.</summary>
/// <param name="Index">Its place in the log, from 0.</param>
/// <param name="LeafHash">The hash of its bytes as a leaf.</param>
/// <param name="Path">The inclusion proof against the checkpoint of the report, for <c>Proof.Verify</c>.</param>
/// <param name="Leaf">Its bytes; empty where the report leaves contents out.</param>
public sealed record EvidenceRecord(long Index, LogHash LeafHash, IReadOnlyList<LogHash> Path, ReadOnlyMemory<byte> Leaf);
