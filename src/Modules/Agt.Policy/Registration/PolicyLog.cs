using Microsoft.Extensions.Logging;

namespace Agt.Policy;

/// <summary>Log messages of the policy module.</summary>
internal static partial class PolicyLog
{
    [LoggerMessage(201, LogLevel.Information, "Policies are reloaded; generation {Generation} is in force")]
    internal static partial void Reloaded(ILogger logger, long generation);

    [LoggerMessage(202, LogLevel.Error, "policy_reload_failed: the policies cannot be loaded; generation {Generation} stays in force")]
    internal static partial void ReloadFailed(ILogger logger, long generation, Exception exception);

    [LoggerMessage(203, LogLevel.Warning, "Policies are evaluated only: nothing is denied, held for approval or changed by them")]
    internal static partial void EvaluateOnlyConfigured(ILogger logger);

    [LoggerMessage(205, LogLevel.Warning, "A handler of policy reloads failed; the set in force stays as it is")]
    internal static partial void HandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(206, LogLevel.Warning, "A listener to what happens under a governance policy failed; nothing changes")]
    internal static partial void ListenerFailed(ILogger logger, Exception exception);

    [LoggerMessage(207, LogLevel.Warning, "The advisory check {Check} failed")]
    internal static partial void AdvisoryFailed(ILogger logger, string check, Exception exception);

    [LoggerMessage(204, LogLevel.Warning, "The folder {Folder} cannot be watched; changes of policies there are not noticed")]
    internal static partial void NotWatched(ILogger logger, string folder, Exception exception);

    [LoggerMessage(209, LogLevel.Warning, "{Checkpoint} of session {Session} could not be kept; the call goes on")]
    internal static partial void CheckpointNotKept(ILogger logger, string checkpoint, string session, Exception exception);

    [LoggerMessage(EventId = 208, Message = "Policy finding: {Finding}")]
    internal static partial void Found(ILogger logger, LogLevel level, PolicyDiagnostic finding);
}
