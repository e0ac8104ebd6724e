namespace Agt;

/// <content>How long it lives: what is running, when it was last used, and what ends it from outside.</content>
public sealed partial class GovernanceSession
{
    private readonly TimeProvider _time;
    private CancellationTokenSource? _cancellation;
    private ITimer? _deadline;
    private long _lastUsed;
    private int _running;
    private int _killed;

    /// <summary>
    /// Cancelled when the session is killed, or when its <see cref="SessionLimits.Duration"/> is over: what runs in it must stop. Not cancelled by its ordinary end.
    /// </summary>
    public CancellationToken Cancellation => (Volatile.Read(ref _cancellation) ?? StartCancellation()).Token;

    /// <summary>Whether somebody has killed it; every action in it is then denied, for good.</summary>
    public bool IsKilled => Volatile.Read(ref _killed) != 0;

    /// <summary>Operations that have begun and not ended, the session's own start left out.</summary>
    internal int Running => Volatile.Read(ref _running);

    internal long LastUsed => Volatile.Read(ref _lastUsed);

    internal void Enter(long now)
    {
        Interlocked.Increment(ref _running);
        Volatile.Write(ref _lastUsed, now);
    }

    internal void Leave(long now)
    {
        Volatile.Write(ref _lastUsed, now);
        Interlocked.Decrement(ref _running);
    }

    internal void Kill()
    {
        Volatile.Write(ref _killed, 1);

        // Whoever makes the source later sees that the session is killed.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _cancellation)?.Cancel();
    }

    private CancellationTokenSource StartCancellation()
    {
        var made = new CancellationTokenSource();
        if (Interlocked.CompareExchange(ref _cancellation, made, null) is { } other)
        {
            made.Dispose();
            return other;
        }

        if (IsKilled)
        {
            made.Cancel();
        }
        else if (Limits.Duration is { } most)
        {
            TimeSpan left = most - _time.GetElapsedTime(StartedAt);
            _deadline = _time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), made, left > TimeSpan.Zero ? Shorten(left) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            if (IsClosed)
            {
                _deadline.Dispose();
            }
        }

        return made;
    }

    /// <summary>A timer waits 49 days at most; a session that is meant to last longer is not cancelled by one, but its actions are denied in time all the same.</summary>
    private static TimeSpan Shorten(TimeSpan left) => left > TimeSpan.FromDays(49) ? Timeout.InfiniteTimeSpan : left;
}
