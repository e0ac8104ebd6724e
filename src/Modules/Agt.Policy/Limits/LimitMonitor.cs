using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Policy.Limits;

/// <summary>Tells what happens to sessions under a <see cref="GovernancePolicy"/>: checkpoints, drift, too many calls at once (POL-163, POL-164). A service of the host. Thread-safe.</summary>
public sealed class LimitMonitor
{
    private readonly ILogger _logger;

    internal LimitMonitor(ILogger? logger = null) => _logger = logger ?? NullLogger.Instance;

    /// <summary>Raised on the thread of the call. What a handler throws is logged and changes nothing.</summary>
    public event EventHandler<LimitEventArgs>? Raised;

    internal void Raise(LimitEvent what, string policy, GovernedAction action, double value)
    {
        if (Raised is not { } handlers)
        {
            return;
        }

        var args = new LimitEventArgs(what, policy, action, value);
        foreach (EventHandler<LimitEventArgs> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, args);
            }
            catch (Exception exception)
            {
                PolicyLog.ListenerFailed(_logger, exception);
            }
        }
    }
}
