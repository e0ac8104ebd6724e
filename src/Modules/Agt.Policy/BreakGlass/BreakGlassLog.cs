using Microsoft.Extensions.Logging;

namespace Agt.Policy.BreakGlass;

/// <summary>Log messages of break-glass: all of them warnings, so that they stand out.</summary>
internal static partial class BreakGlassLog
{
    [LoggerMessage(221, LogLevel.Warning, "BREAK-GLASS activated: grant {Id} ({Ticket}), signed by {Signers}, lifts {Lifts} until {ExpiresAt}")]
    internal static partial void Activated(ILogger logger, string id, string ticket, string signers, string lifts, DateTimeOffset expiresAt);

    [LoggerMessage(222, LogLevel.Warning, "BREAK-GLASS used: grant {Id} lets agent {Agent} call {Tool}")]
    internal static partial void Used(ILogger logger, string id, string agent, string? tool);

    [LoggerMessage(223, LogLevel.Warning, "BREAK-GLASS ended: grant {Id}")]
    internal static partial void Expired(ILogger logger, string id);

    [LoggerMessage(224, LogLevel.Warning, "BREAK-GLASS revoked: grant {Id} by {By}")]
    internal static partial void Revoked(ILogger logger, string id, string by);

    [LoggerMessage(225, LogLevel.Warning, "A handler of break-glass events failed")]
    internal static partial void HandlerFailed(ILogger logger, Exception exception);
}
