using Microsoft.Extensions.Logging;

namespace Agt.Events;

/// <summary>Log messages of the export. None carries more of an event than its kind and id.</summary>
internal static partial class EventLog
{
    [LoggerMessage(101, LogLevel.Warning, "Event sink {Sink} failed; denials, violations and approvals are kept and tried again")]
    internal static partial void ExportFailed(ILogger logger, string sink, Exception exception);

    [LoggerMessage(102, LogLevel.Warning, "Event sink {Sink} failed too often and is left alone for {Duration}")]
    internal static partial void BreakerOpened(ILogger logger, string sink, TimeSpan duration);

    [LoggerMessage(103, LogLevel.Error, "Event {Kind} {EventId} is lost: neither the queue nor the journal of sink {Sink} has room for it")]
    internal static partial void EventLost(ILogger logger, string sink, string kind, Guid eventId, Exception? exception);

    [LoggerMessage(104, LogLevel.Warning, "Event sink {Sink} was closed before everything was exported; the rest is in its journal if it has one")]
    internal static partial void ClosedBeforeDone(ILogger logger, string sink);
}
