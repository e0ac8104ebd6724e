using Agt.Audit.Queries;

namespace Agt.Audit.Export;

/// <summary>Keeps records in memory, in order; for tests and small tools. Thread-safe.</summary>
/// <param name="name">Its name.</param>
public sealed class MemoryRecordSink(string name) : IRecordSink
{
    private readonly Lock _lock = new();
    private readonly List<AuditEntry> _entries = [];

    /// <inheritdoc />
    public string Name => name;

    /// <summary>The records so far; a copy.</summary>
    public IReadOnlyList<AuditEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <inheritdoc />
    public ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_lock)
        {
            _entries.AddRange(batch.Records);
        }

        return new ValueTask<SinkResult>(SinkResult.Success);
    }
}
