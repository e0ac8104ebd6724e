using System.Text;
using Agt.Audit.Queries;
using Microsoft.Extensions.Logging;

namespace Agt.Audit.Export;

/// <summary>Writes records to a logger, one message each, at the level Information (spec 09, AUD-503). Thread-safe.</summary>
public sealed class LoggerRecordSink : IRecordSink
{
    /// <summary>The category of the logger, if nothing else is said.</summary>
    public const string DefaultCategory = "agent_os.audit";

    private readonly ILogger _logger;

    /// <summary>Creates the sink.</summary>
    /// <param name="loggers">Makes the logger.</param>
    /// <param name="category">Its category.</param>
    /// <param name="name">The name of the sink.</param>
    public LoggerRecordSink(ILoggerFactory loggers, string category = DefaultCategory, string name = "logger")
    {
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentException.ThrowIfNullOrWhiteSpace(category);
        _logger = loggers.CreateLogger(category);
        Name = name;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public ValueTask<SinkResult> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_logger.IsEnabled(LogLevel.Information))
        {
            foreach (AuditEntry entry in batch.Records)
            {
                AuditLogMessages.Record(_logger, entry.Index, Encoding.UTF8.GetString(entry.Leaf.Span));
            }
        }

        return new ValueTask<SinkResult>(SinkResult.Success);
    }
}
