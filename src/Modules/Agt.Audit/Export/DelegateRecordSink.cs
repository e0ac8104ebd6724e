namespace Agt.Audit.Export;

/// <summary>A sink of a few lines.</summary>
/// <param name="name">Its name.</param>
/// <param name="write">Takes a batch, as <see cref="IRecordSink.WriteAsync"/> says.</param>
public sealed class DelegateRecordSink(string name, Func<RecordBatch, CancellationToken, ValueTask<SinkResult>> write) : IRecordSink
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken) => write(batch, cancellationToken);
}
