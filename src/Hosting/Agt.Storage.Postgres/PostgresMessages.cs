using Microsoft.Extensions.Logging;

namespace Agt.Storage.Postgres;

/// <summary>What producers and the sequencer tell the host's logger. No record's content ever.</summary>
internal static partial class PostgresMessages
{
    [LoggerMessage(151, LogLevel.Error, "{Count} records cannot be handed in to the audit log. They are kept and tried again; actions that wait for their record are denied until then.")]
    internal static partial void NotHandedIn(ILogger logger, int count, Exception exception);

    [LoggerMessage(152, LogLevel.Information, "Records can be handed in to the audit log again; nothing was lost.")]
    internal static partial void HandedInAgain(ILogger logger);

    [LoggerMessage(153, LogLevel.Critical, "This producer of the audit log has failed and takes no more records; governed actions are denied.")]
    internal static partial void ProducerEnded(ILogger logger, Exception exception);

    [LoggerMessage(154, LogLevel.Error, "A record was refused.")]
    internal static partial void RecordRefused(ILogger logger, Exception exception);

    [LoggerMessage(155, LogLevel.Warning, "It cannot be asked what became of records that were handed in; trying again.")]
    internal static partial void CannotAsk(ILogger logger, Exception exception);

    [LoggerMessage(156, LogLevel.Information, "This process writes the audit log '{Schema}' from now on.")]
    internal static partial void Elected(ILogger logger, string schema);

    [LoggerMessage(157, LogLevel.Warning, "This process no longer writes the audit log '{Schema}', and stands by.")]
    internal static partial void SteppedDown(ILogger logger, string schema, Exception exception);

    [LoggerMessage(158, LogLevel.Error, "The audit log '{Schema}' cannot be opened to write it; trying again.")]
    internal static partial void CannotLead(ILogger logger, string schema, Exception exception);

    [LoggerMessage(159, LogLevel.Warning, "{Count} records that were handed in to the audit log '{Schema}' were refused; they are kept in its table 'refused' with the reason.")]
    internal static partial void Refused(ILogger logger, int count, string schema);

    [LoggerMessage(160, LogLevel.Warning, "The audit log '{Schema}' was closed here before everything was written. What producers have handed in is on the queue still.")]
    internal static partial void NotWritten(ILogger logger, string schema, Exception exception);
}
