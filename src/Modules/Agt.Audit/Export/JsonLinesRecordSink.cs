using System.Buffers;
using Agt.Audit.Stores;

namespace Agt.Audit.Export;

/// <summary>
/// Appends records to a file, one JSON object a line, and flushes it to the disk before it says that it has them (spec 09, AUD-502). The file has mode 0600. A line that a crash cut off is ended before the next one
/// is written. One sink writes a file at a time.
/// </summary>
/// <param name="path">The file; made if it is not there, never overwritten.</param>
/// <param name="format">How the records are put; not <see cref="RecordFormat.OpenTelemetry"/>, which is a form of whole batches.</param>
/// <param name="name">The name of the sink.</param>
public sealed class JsonLinesRecordSink(string path, RecordFormat format = RecordFormat.Record, string name = "jsonl") : IRecordSink
{
    private readonly RecordFormat _format = format != RecordFormat.OpenTelemetry && Enum.IsDefined(format) ? format : throw new ArgumentException($"A file of lines has no {format}.", nameof(format));

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public async ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var lines = new ArrayBufferWriter<byte>();
        FileStream file = ProtectedFiles.Open(path, FileMode.OpenOrCreate, FileShare.Read);
        await using (file.ConfigureAwait(false))
        {
            byte[] last = new byte[1];
            if (file.Length > 0 && await RandomAccess.ReadAsync(file.SafeFileHandle, last, file.Length - 1, cancellationToken).ConfigureAwait(false) == 1 && last[0] != (byte)'\n')
            {
                lines.Write("\n"u8);
            }

            foreach (Queries.AuditEntry entry in batch.Records)
            {
                RecordExport.Write(lines, _format, batch.Checkpoint, entry);
                lines.Write("\n"u8);
            }

            file.Seek(0, SeekOrigin.End);
            await file.WriteAsync(lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        return SinkResult.Success;
    }
}
