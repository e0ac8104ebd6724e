using Microsoft.Extensions.Logging;

namespace Agt;

/// <summary>Log messages. None carries arguments, prompts, results or secrets.</summary>
internal static partial class GovernanceLog
{
    [LoggerMessage(1, LogLevel.Information, "Denied {Operation} {Tool} for agent {Agent}: {Reason} (rule {Rule}, decision {DecisionId})")]
    internal static partial void Denied(ILogger logger, string operation, string? tool, string agent, string reason, string? rule, DecisionId decisionId);

    [LoggerMessage(2, LogLevel.Error, "Interceptor {Interceptor} failed; the action is denied")]
    internal static partial void InterceptorFailed(ILogger logger, string interceptor, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Interceptor {Interceptor} failed; the action proceeds because the host lets this interceptor fail open")]
    internal static partial void InterceptorFailedOpen(ILogger logger, string interceptor, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "Interceptor {Interceptor} did not answer within {Timeout}; the action is denied")]
    internal static partial void InterceptorTimedOut(ILogger logger, string interceptor, TimeSpan timeout);

    [LoggerMessage(5, LogLevel.Error, "Interceptor {Interceptor} gave a verdict that is not valid; the action is denied")]
    internal static partial void InvalidVerdict(ILogger logger, string interceptor);

    [LoggerMessage(6, LogLevel.Error, "Interceptor {Interceptor} failed after the action; the result is withheld if there is one")]
    internal static partial void AfterFailed(ILogger logger, string interceptor, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "The decision log failed; nothing is allowed without a record")]
    internal static partial void DecisionLogFailed(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "The approval broker failed; the action is denied")]
    internal static partial void ApprovalBrokerFailed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Warning, "A governance observer failed; the decision stands")]
    internal static partial void ObserverFailed(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Warning, "Interceptor {Interceptor} is configured to fail open")]
    internal static partial void FailOpenConfigured(ILogger logger, string interceptor);

    [LoggerMessage(11, LogLevel.Error, "A result could not be rebuilt after a transform; it is withheld")]
    internal static partial void ResultNotRebuilt(ILogger logger, Exception exception);

    [LoggerMessage(12, LogLevel.Error, "The policy source failed; the action is denied")]
    internal static partial void PolicySourceFailed(ILogger logger, Exception exception);

    [LoggerMessage(19, LogLevel.Error, "The session resolver failed; the call is denied")]
    internal static partial void SessionResolverFailed(ILogger logger, Exception exception);

    [LoggerMessage(17, LogLevel.Warning, "Decisions are evaluated only: they are recorded, and nothing is denied, withheld, changed or asked")]
    internal static partial void EvaluateOnlyConfigured(ILogger logger);

    [LoggerMessage(18, LogLevel.Information, "Would be denied: {Operation} {Tool} of {Agent}, {Reason}, rule {Rule}, decision {DecisionId}; not enforced")]
    internal static partial void WouldDeny(ILogger logger, string operation, string? tool, string agent, string reason, string? rule, DecisionId decisionId);

    [LoggerMessage(16, LogLevel.Warning, "Agent {Agent} asks for too many approvals; refused without asking anybody")]
    internal static partial void ApprovalFatigue(ILogger logger, string agent);

    [LoggerMessage(14, LogLevel.Warning, "Signal {Name} to {Target}, known: {IsKnown}")]
    internal static partial void SignalSent(ILogger logger, string name, Signals.SignalTarget target, bool isKnown);

    [LoggerMessage(15, LogLevel.Warning, "A listener to signal {Name} failed; the signal stands")]
    internal static partial void SignalListenerFailed(ILogger logger, string name, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "Decisions are recorded in memory only and are gone with the process; AddAudit() of the package Agt.Audit keeps them. In production the host does not start like this")]
    internal static partial void InMemoryLog(ILogger logger);

    [LoggerMessage(13, LogLevel.Warning, "A telemetry listener failed; the decision stands")]
    internal static partial void TelemetryFailed(ILogger logger, Exception exception);
}
