using Agt.Audit.Notes;
using Agt.Audit.Queries;

namespace Agt.Audit.Export;

/// <summary>Consecutive records on their way to a sink, all covered by a signed checkpoint. Immutable.</summary>
/// <param name="Checkpoint">The checkpoint that covers them.</param>
/// <param name="Records">The records, 1 or more.</param>
public sealed record RecordBatch(Checkpoint Checkpoint, IReadOnlyList<AuditEntry> Records);
