namespace Agt.Audit.Export;

/// <summary>Takes records of an audit log to another system: a file, a collector, a message bus.</summary>
/// <remarks>
/// Called for one batch at a time. Records come in the order of the log, each at least once: after a failure, or a crash between delivery and cursor, the same ones come again. <c>record_id</c> and index tell. What a
/// sink throws counts as <see cref="SinkResult.Failure"/>.
/// </remarks>
public interface IRecordSink
{
    /// <summary>Its name, unique: 1 to 64 letters, digits, dots, dashes and underscores. Its cursor is kept under it.</summary>
    string Name { get; }

    /// <summary>Takes a batch.</summary>
    /// <param name="batch">The records, oldest first; valid during the call.</param>
    /// <param name="cancellationToken">Cancelled when the time for the export is over.</param>
    ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken);
}
