using Microsoft.Extensions.Logging;

namespace Agt.Audit;

/// <summary>What the log tells the host's logger. No record's content ever.</summary>
internal static partial class AuditLogMessages
{
    [LoggerMessage(101, LogLevel.Error, "The audit log cannot write {Count} records. They are kept and tried again; actions that wait for their record are denied until then.")]
    internal static partial void StoreFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(102, LogLevel.Information, "The audit log can write again; nothing was lost.")]
    internal static partial void StoreWorksAgain(ILogger logger);

    [LoggerMessage(103, LogLevel.Critical, "The audit log has failed and takes no more records; governed actions are denied.")]
    internal static partial void WriterEnded(ILogger logger, Exception exception);

    [LoggerMessage(104, LogLevel.Error, "A record was refused.")]
    internal static partial void RecordRefused(ILogger logger, Exception exception);

    [LoggerMessage(105, LogLevel.Error, "The audit log with {Size} records could not be signed; it goes on without a new checkpoint.")]
    internal static partial void CheckpointFailed(ILogger logger, long size, Exception exception);

    [LoggerMessage(106, LogLevel.Warning, "A new key was made for the audit log '{Origin}' in {File}. Back it up now: without it the log cannot be continued. Auditors need this line: {Key}")]
    internal static partial void KeyMade(ILogger logger, string origin, string file, string key);

    [LoggerMessage(109, LogLevel.Warning, "The witness {Witness} did not cosign a checkpoint of the audit log: {Problem}")]
    internal static partial void NotWitnessed(ILogger logger, string witness, string problem);

    [LoggerMessage(110, LogLevel.Error, "The audit log asks its witnesses no more.")]
    internal static partial void WitnessingEnded(ILogger logger, Exception exception);

    [LoggerMessage(108, LogLevel.Error, "The arguments of an action could not be sealed; its record was written without them.")]
    internal static partial void NotSealed(ILogger logger, Exception exception);

    [LoggerMessage(111, LogLevel.Error, "The sink {Sink} of the audit log failed {Count} times in a row and is left alone for a while. It waits for record {Next}; the log has everything.")]
    internal static partial void SinkFailed(ILogger logger, string sink, int count, long next, Exception? exception);

    [LoggerMessage(112, LogLevel.Information, "The sink {Sink} of the audit log works again.")]
    internal static partial void SinkWorksAgain(ILogger logger, string sink);

    [LoggerMessage(113, LogLevel.Critical, "The sink {Sink} of the audit log gets no more records.")]
    internal static partial void ExportEnded(ILogger logger, string sink, Exception exception);

    [LoggerMessage(114, LogLevel.Information, "{Index} {Record}")]
    internal static partial void Record(ILogger logger, long index, string record);

    [LoggerMessage(115, LogLevel.Warning, "The source '{Source}' of bills of materials failed and is left out.")]
    internal static partial void BomSourceFailed(ILogger logger, string source, Exception exception);

    [LoggerMessage(116, LogLevel.Warning, "The bill of materials of a decision could not be worked out.")]
    internal static partial void NotReconstructed(ILogger logger, Exception exception);

    [LoggerMessage(117, LogLevel.Warning, "The key of the audit log '{Origin}' was replaced. Back it up now, and give auditors this line: {Key}")]
    internal static partial void KeyRotated(ILogger logger, string origin, string key);

    [LoggerMessage(107, LogLevel.Warning, "{Count} effects of the run before are in doubt: they were let go, and the process ended before anybody recorded what became of them.")]
    internal static partial void InDoubt(ILogger logger, int count);

    [LoggerMessage(118, LogLevel.Error, "A part of the audit log could not be closed properly.")]
    internal static partial void NotClosed(ILogger logger, Exception exception);
}
