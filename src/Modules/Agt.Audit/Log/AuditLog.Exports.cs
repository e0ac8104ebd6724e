using Agt.Audit.Export;

namespace Agt.Audit;

/// <content>Records go to other systems, by cursors of their own.</content>
public sealed partial class AuditLog
{
    private readonly Lock _exporting = new();
    private RecordExporter[] _exporters = [];

    /// <summary>The sinks that records are sent to.</summary>
    public IReadOnlyList<RecordExporter> Exporters => Volatile.Read(ref _exporters);

    /// <summary>Sends the records of the log to a sink from now on, also while it is in use. A sink whose name has a cursor goes on where it was.</summary>
    /// <param name="sink">The sink. It belongs to the caller.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>What sends them; disposing it stops it. The log disposes those that are left when it is closed.</returns>
    /// <exception cref="ArgumentException">The name or an option is out of range, or a sink of this name is there already.</exception>
    /// <exception cref="InvalidDataException">The cursor is one of another log, or records were purged before the sink had them.</exception>
    public RecordExporter AddSink(IRecordSink sink, ExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        lock (_exporting)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _stopping) != 0, this);
            string name = sink.Name;
            if (_exporters.Any(exporter => exporter.Name == name))
            {
                throw new ArgumentException($"The log has a sink '{name}' already; the cursor of a sink is kept under its name.", nameof(sink));
            }

            var exporter = new RecordExporter(this, name, sink, options ?? new ExportOptions(), ExportCursor.PathOf(_options.Directory, name), _time, _logger) { Measured = _metrics is { } metrics ? metrics.Exported : null };
            Volatile.Write(ref _exporters, [.. _exporters, exporter]);
            return exporter;
        }
    }

    /// <summary>Begins with the sinks of the options. If one cannot begin, the log is closed again.</summary>
    private void StartExporting()
    {
        try
        {
            foreach (AuditSink sink in _options.Sinks)
            {
                AddSink(sink.Sink, sink.Options);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal void Remove(RecordExporter exporter)
    {
        lock (_exporting)
        {
            Volatile.Write(ref _exporters, [.. _exporters.Where(other => other != exporter)]);
        }
    }

    /// <summary>Gives the sinks their last chance before the store is closed; all at once.</summary>
    private void EndExporting() => Task.WhenAll(Exporters.Select(exporter => exporter.DisposeAsync().AsTask())).GetAwaiter().GetResult();
}
