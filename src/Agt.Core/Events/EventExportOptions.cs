using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Agt.Events;

/// <summary>How events are queued, batched and exported (spec 01, POL-304, POL-305).</summary>
public sealed class EventExportOptions
{
    /// <summary>Events that may wait for one sink. 1 to 1,000,000, default 1,024.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = 1_024;

    /// <summary>Events of one batch. 1 to 10,000, default 100.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 100;

    /// <summary>How long an event waits for a batch to fill. Default 2,000 ms.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(2_000);

    /// <summary>How long one export may take. Default 10,000 ms.</summary>
    public TimeSpan ExportTimeout { get; set; } = TimeSpan.FromMilliseconds(10_000);

    /// <summary>Failures in a row after which a sink is left alone for <see cref="BreakDuration"/>. 1 to 1,000, default 5.</summary>
    [Range(1, 1_000)]
    public int BreakAfterFailures { get; set; } = 5;

    /// <summary>How long a sink is left alone. Default 60 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long closing may take. What has not been exported by then stays in the journal. Default 5 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a flush may take. Default 30 s.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The folder of the journals. A denial, violation or approval that its queue has no room for, or whose export failed, is written there and exported later, also by the next process.
    /// Null keeps it in memory, where it does not outlive the process.
    /// </summary>
    public string? JournalFolder { get; set; }

    /// <summary>Bytes of one journal, or events kept in memory in its place (one for each 1,024 bytes). Beyond it events are lost, counted, and logged as an error. Default 64 MiB.</summary>
    [Range(1_024, long.MaxValue)]
    public long MaxJournalBytes { get; set; } = 64 * 1_024 * 1_024;

    /// <summary>
    /// Takes over what the environment says: <c>AGT_GSP_QUEUE_SIZE</c>, <c>AGT_GSP_BATCH_SIZE</c>, <c>AGT_GSP_SCHEDULE_DELAY_MS</c>, <c>AGT_GSP_EXPORT_TIMEOUT_MS</c>, <c>AGT_GSP_JOURNAL</c>.
    /// </summary>
    /// <param name="read">Reads a variable, e.g. <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <exception cref="FormatException">A variable is no whole number above zero.</exception>
    public EventExportOptions ReadEnvironment(Func<string, string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        QueueCapacity = Number("AGT_GSP_QUEUE_SIZE", QueueCapacity);
        BatchSize = Number("AGT_GSP_BATCH_SIZE", BatchSize);
        Delay = TimeSpan.FromMilliseconds(Number("AGT_GSP_SCHEDULE_DELAY_MS", (int)Delay.TotalMilliseconds));
        ExportTimeout = TimeSpan.FromMilliseconds(Number("AGT_GSP_EXPORT_TIMEOUT_MS", (int)ExportTimeout.TotalMilliseconds));
        JournalFolder = read("AGT_GSP_JOURNAL") is { Length: > 0 } folder ? folder : JournalFolder;
        return this;

        int Number(string name, int otherwise)
        {
            string? text = read(name);
            return string.IsNullOrEmpty(text) ? otherwise
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value
                : throw new FormatException($"{name} is '{text}', and must be a whole number above 0.");
        }
    }

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        Check(QueueCapacity is >= 1 and <= 1_000_000, nameof(QueueCapacity), "1 to 1,000,000");
        Check(BatchSize is >= 1 and <= 10_000, nameof(BatchSize), "1 to 10,000");
        Check(BreakAfterFailures is >= 1 and <= 1_000, nameof(BreakAfterFailures), "1 to 1,000");
        Check(MaxJournalBytes >= 1_024, nameof(MaxJournalBytes), "at least 1,024");
        foreach ((TimeSpan value, string name) in new[] { (Delay, nameof(Delay)), (ExportTimeout, nameof(ExportTimeout)), (BreakDuration, nameof(BreakDuration)), (ShutdownTimeout, nameof(ShutdownTimeout)), (FlushTimeout, nameof(FlushTimeout)) })
        {
            Check(value > TimeSpan.Zero && value <= TimeSpan.FromHours(1), name, "more than zero and at most an hour");
        }

        static void Check(bool holds, string name, string range)
        {
            if (!holds)
            {
                throw new ArgumentException($"Event export: {name} must be {range}.", name);
            }
        }
    }
}
