namespace Agt.Chain;

/// <summary>Gives monotonic and wall time from one clock read: wall time is derived from an anchor that is renewed every second.</summary>
internal sealed class GovernanceClock
{
    private readonly TimeProvider _time;
    private readonly double _ticksPerUnit;
    private readonly long _renewAfter;
    private Anchor _anchor;

    internal GovernanceClock(TimeProvider time)
    {
        _time = time;
        _ticksPerUnit = (double)TimeSpan.TicksPerSecond / time.TimestampFrequency;
        _renewAfter = time.TimestampFrequency;
        _anchor = new Anchor(time.GetTimestamp(), time.GetUtcNow());
    }

    internal TimeProvider Provider => _time;

    internal long Now() => _time.GetTimestamp();

    internal DateTimeOffset ToUtc(long timestamp)
    {
        Anchor anchor = Volatile.Read(ref _anchor);
        long since = timestamp - anchor.Timestamp;
        if (since > _renewAfter || since < 0)
        {
            anchor = new Anchor(_time.GetTimestamp(), _time.GetUtcNow());
            Volatile.Write(ref _anchor, anchor);
            since = timestamp - anchor.Timestamp;
        }

        return anchor.Utc.AddTicks((long)(since * _ticksPerUnit));
    }

    internal TimeSpan Between(long start, long end) => new((long)((end - start) * _ticksPerUnit));

    internal long ToUnits(TimeSpan span) => (long)(span.Ticks / _ticksPerUnit);

    private sealed record Anchor(long Timestamp, DateTimeOffset Utc);
}
