using System.Collections.Concurrent;
using Agt.Sessions;
using Microsoft.Extensions.Logging;

namespace Agt.Signals;

/// <summary>
/// Stops, continues and kills agents while they run, whatever policy their sessions have pinned (spec 08, ADP-062, ADP-097, ADP-098). A singleton of the host.
/// </summary>
/// <remarks>
/// Thread-safe. Signals reach this process only. A stopped agent's new actions wait, without polling and without limit of time, and go on in the order in which they came; what runs already, runs on.
/// A killed agent's running effects are cancelled (see <see cref="GovernedOperation.CancellationToken"/>), and what waits or comes is denied, for good.
/// </remarks>
public sealed class GovernanceSignals
{
    /// <summary>The name of the signal that stops.</summary>
    public const string StopName = "SIGSTOP";

    /// <summary>The name of the signal that continues.</summary>
    public const string ContinueName = "SIGCONT";

    /// <summary>The name of the signal that kills.</summary>
    public const string KillName = "SIGKILL";

    private readonly Lock _lock = new();
    private readonly LinkedList<StoppedAction> _waiting = new();
    private readonly ConcurrentDictionary<string, Action<SignalTarget>> _handlers = new(StringComparer.Ordinal);
    private readonly SessionTable _sessions;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly int _mostWaiting;
    private volatile HashSet<SignalTarget> _stopped = [];
    private volatile HashSet<SignalTarget> _killed = [];
    private volatile bool _isArmed;
    private bool _releasing;

    internal GovernanceSignals(SessionTable sessions, TimeProvider time, ILogger logger, int mostWaiting)
    {
        _sessions = sessions;
        _time = time;
        _logger = logger;
        _mostWaiting = mostWaiting;
        _handlers[StopName] = StopCore;
        _handlers[ContinueName] = ContinueCore;
        _handlers[KillName] = KillCore;
    }

    /// <summary>Raised after each signal, on the sender's thread. What a listener throws is logged and changes nothing.</summary>
    public event EventHandler<SignalEventArgs>? Sent;

    /// <summary>Actions that wait because they are stopped.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Whether anybody was ever stopped or killed. Until then no action has to look any further.</summary>
    internal bool IsArmed => _isArmed;

    /// <summary>Whether all agents are killed.</summary>
    internal bool IsEveryoneKilled => _killed.Contains(SignalTarget.All);

    /// <summary>Whether an action has to wait: its session is stopped, or others that were are on their way before it.</summary>
    internal bool MustWait(GovernanceSession session) => _isArmed && (IsStopped(session) || Volatile.Read(ref _releasing));

    /// <summary>Lets new actions wait until <see cref="Continue"/>.</summary>
    public void Stop(SignalTarget target) => Send(StopName, target);

    /// <summary>Takes back a <see cref="Stop"/> of the same target. What is stopped by another one as well waits on.</summary>
    public void Continue(SignalTarget target) => Send(ContinueName, target);

    /// <summary>Cancels what runs and denies everything else, for good. There is no way back but a new agent or session.</summary>
    public void Kill(SignalTarget target) => Send(KillName, target);

    /// <summary>Sends a signal by name.</summary>
    /// <param name="name">Its name; names are compared ordinally.</param>
    /// <param name="target">Whom it is for.</param>
    /// <returns>Whether anybody knew it. One that nobody knows has no effect.</returns>
    public bool Send(string name, SignalTarget target)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(target);
        bool known = _handlers.TryGetValue(name, out Action<SignalTarget>? handler);
        try
        {
            handler?.Invoke(target);
        }
        finally
        {
            Tell(new SignalEventArgs(name, target, known, _time.GetUtcNow()));
        }

        return known;
    }

    /// <summary>Sets what a signal of the host's own does; replaces what it did. The three signals of this class cannot be replaced.</summary>
    /// <exception cref="ArgumentException">The name is that of a signal of this class.</exception>
    public void Handle(string name, Action<SignalTarget> handler)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(handler);
        if (name is StopName or ContinueName or KillName)
        {
            throw new ArgumentException($"{name} always does what it says; choose another name.", nameof(name));
        }

        _handlers[name] = handler;
    }

    /// <summary>Whether what a session does is killed.</summary>
    public bool IsKilled(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.IsKilled)
        {
            return true;
        }

        return _isArmed && Holds(_killed, session);
    }

    /// <summary>Whether new actions of a session wait.</summary>
    public bool IsStopped(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _isArmed && Holds(_stopped, session) && !Holds(_killed, session);
    }

    /// <summary>Waits while the session is stopped. Whoever has waited, in vain or not, calls <see cref="ReleaseNext"/> once it has gone on: that keeps their order.</summary>
    /// <returns>False if there is no room to wait.</returns>
    internal async ValueTask<bool> WaitAsync(GovernanceSession session, CancellationToken cancellationToken)
    {
        StoppedAction waiter;
        lock (_lock)
        {
            // Who comes while others are being let go stands behind them.
            if (Holds(_killed, session) || (!Holds(_stopped, session) && !_releasing))
            {
                return true;
            }

            if (_waiting.Count >= _mostWaiting)
            {
                return false;
            }

            waiter = new StoppedAction(session);
            _waiting.AddLast(waiter);
        }

        try
        {
            await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _waiting.Remove(waiter);
            }
        }

        return true;
    }

    /// <summary>Lets the next one go on, if there is one that may.</summary>
    internal void ReleaseNext()
    {
        StoppedAction? next;
        lock (_lock)
        {
            next = _waiting.FirstOrDefault(waiter => !waiter.Task.IsCompleted && !Holds(_stopped, waiter.Session));
            _releasing = next is not null;
        }

        next?.Release();
    }

    private static bool Holds(HashSet<SignalTarget> targets, GovernanceSession session) =>
        targets.Count > 0 && (targets.Contains(SignalTarget.All) || targets.Contains(SignalTarget.ForAgent(session.Principal.Agent)) || targets.Contains(SignalTarget.ForSession(session)));

    private void StopCore(SignalTarget target)
    {
        lock (_lock)
        {
            _stopped = [.. _stopped, target];
            _isArmed = true;
        }
    }

    private void ContinueCore(SignalTarget target)
    {
        lock (_lock)
        {
            if (!_stopped.Contains(target))
            {
                return;
            }

            _stopped = [.. _stopped.Where(other => other != target)];
            if (_releasing)
            {
                return;
            }

            _releasing = true;
        }

        ReleaseNext();
    }

    private void KillCore(SignalTarget target)
    {
        StoppedAction[] denied;
        lock (_lock)
        {
            _killed = [.. _killed, target];
            _isArmed = true;
            denied = [.. _waiting.Where(waiter => target.Includes(waiter.Session))];
        }

        foreach (GovernanceSession session in _sessions.All.Where(target.Includes))
        {
            try
            {
                session.Kill();
            }
            catch (AggregateException exception)
            {
                // A callback of an effect threw; the others were told.
                GovernanceLog.SignalListenerFailed(_logger, KillName, exception);
            }
        }

        foreach (StoppedAction waiter in denied)
        {
            waiter.Release();
        }
    }

    private void Tell(SignalEventArgs happened)
    {
        GovernanceLog.SignalSent(_logger, happened.Name, happened.Target, happened.IsHandled);
        foreach (EventHandler<SignalEventArgs> listener in Delegate.EnumerateInvocationList(Sent))
        {
            try
            {
                listener(this, happened);
            }
            catch (Exception exception)
            {
                GovernanceLog.SignalListenerFailed(_logger, happened.Name, exception);
            }
        }
    }
}
