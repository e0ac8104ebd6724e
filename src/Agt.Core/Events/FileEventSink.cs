namespace Agt.Events;

/// <summary>Appends events to a file, one line each, in a form of the host's choice. It keeps the file open, and others may read it meanwhile.</summary>
public sealed class FileEventSink : IEventSink, IDisposable
{
    private readonly Func<EventEnvelope, string> _format;
    private readonly FileStream _file;

    /// <summary>Opens the file, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">How an event becomes a line; null for the event's own form. See <see cref="EventFormats"/>.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public FileEventSink(string path, Func<EventEnvelope, string>? format = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _format = format ?? (static envelope => envelope.ToJson());
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        Name = "file." + Path.GetFileName(path);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public async ValueTask<EventExport> ExportAsync(IReadOnlyList<EventEnvelope> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        byte[] lines = System.Text.Encoding.UTF8.GetBytes(string.Concat(batch.Select(envelope => _format(envelope) + "\n")));
        await _file.WriteAsync(lines, cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        return EventExport.Exported;
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
