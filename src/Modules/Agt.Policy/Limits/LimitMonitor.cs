using Agt.Events;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Policy.Limits;

/// <summary>
/// Tells what happens to sessions under a <see cref="GovernancePolicy"/>: checkpoints, drift, too many calls at once (POL-163, POL-164). A service of the host. Checkpoints and drift are told
/// to its observers too, as <c>checkpoint_created</c> and <c>drift_detected</c> (spec 08, ADP-094). Thread-safe.
/// </summary>
public sealed class LimitMonitor
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly IGovernanceObserver[] _observers;
    private GovernancePolicyInterceptor[] _watched = [];

    internal LimitMonitor(ILogger? logger = null, TimeProvider? time = null, IEnumerable<IGovernanceObserver>? observers = null)
    {
        _logger = logger ?? NullLogger.Instance;
        _time = time ?? TimeProvider.System;
        _observers = [.. observers ?? []];
    }

    /// <summary>Raised on the thread of the call. What a handler throws is logged and changes nothing.</summary>
    public event EventHandler<LimitEventArgs>? Raised;

    /// <summary>How many calls of a session run at once under a policy; null if none has run yet, or there is no such policy.</summary>
    /// <param name="session">The session.</param>
    /// <param name="policy">The name of the policy.</param>
    public ConcurrencyFigures? GetConcurrency(GovernanceSession session, string policy)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(policy);
        return Array.Find(Volatile.Read(ref _watched), one => one.PolicyName == policy)?.FiguresOf(session);
    }

    /// <summary>The host's own log, for what is no event.</summary>
    internal ILogger Logger => _logger;

    internal void Watch(GovernancePolicyInterceptor interceptor)
    {
        GovernancePolicyInterceptor[] before, after;
        do
        {
            before = Volatile.Read(ref _watched);
            after = [.. before, interceptor];
        }
        while (Interlocked.CompareExchange(ref _watched, after, before) != before);
    }

    internal void Raise(LimitEvent what, string policy, GovernedAction action, double value, DriftResult? drift = null)
    {
        if (what != LimitEvent.Backpressure && _observers.Length > 0)
        {
            Tell(new GovernanceEvent(
                what == LimitEvent.DriftDetected ? GovernanceEventKind.DriftDetected : GovernanceEventKind.CheckpointCreated, _time.GetUtcNow(), action, null) { Value = value });
        }

        if (Raised is not { } handlers)
        {
            return;
        }

        var args = new LimitEventArgs(what, policy, action, value, drift);
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

    private void Tell(in GovernanceEvent happened)
    {
        foreach (IGovernanceObserver observer in _observers)
        {
            try
            {
                observer.OnEvent(in happened);
            }
            catch (Exception exception)
            {
                PolicyLog.ListenerFailed(_logger, exception);
            }
        }
    }
}
