namespace Agt.Policy.RateLimits;

/// <summary>A sliding window in memory, guarded by a one-bit latch that is held for some nanoseconds.</summary>
internal sealed class MemoryRateLimitWindow : RateLimitWindow
{
    private readonly TimeProvider _time;
    private readonly AdmissionCount _admissions;
    private long _latest = long.MinValue;
    private int _latch;
    private bool _retired;

    internal MemoryRateLimitWindow(TimeProvider time, RateLimit limit)
    {
        _time = time;
        long ticks = Math.Max(1, (long)(limit.Window.TotalSeconds * time.TimestampFrequency));
        _admissions = limit.Count <= ExactAdmissions.MaxLimit ? new ExactAdmissions(limit.Count, ticks) : new CoarseAdmissions(limit.Count, ticks);
    }

    public override RateLimitAnswer TryAcquire()
    {
        long now = _time.GetTimestamp();
        Enter();
        if (_retired)
        {
            Exit();
            return new RateLimitAnswer(RateLimitStatus.Retired, 0, default);
        }

        // Another thread may have read a later time and come first; time never goes back here.
        now = _latest = Math.Max(now, _latest);
        bool admitted = _admissions.TryAdd(now, out long wait);
        Exit();
        return admitted
            ? new RateLimitAnswer(RateLimitStatus.Admitted, now, default)
            : new RateLimitAnswer(RateLimitStatus.Refused, 0, TimeSpan.FromSeconds((double)wait / _time.TimestampFrequency));
    }

    public override void Release(long stamp)
    {
        Enter();
        _admissions.Remove(stamp);
        Exit();
    }

    /// <summary>Ends the window if nothing counts in it any more.</summary>
    internal bool TryRetire()
    {
        long now = _time.GetTimestamp();
        Enter();
        now = _latest = Math.Max(now, _latest);
        _retired = _admissions.IsEmpty(now);
        bool retired = _retired;
        Exit();
        return retired;
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref _latch, 1) != 0)
        {
            Wait();
        }
    }

    private void Wait()
    {
        var spin = default(SpinWait);
        do
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
        while (Volatile.Read(ref _latch) != 0 || Interlocked.Exchange(ref _latch, 1) != 0);
    }

    private void Exit() => Volatile.Write(ref _latch, 0);
}
