namespace Agt.Cli;

/// <summary>Where the time comes from that rate limits count by.</summary>
internal enum ClockMode
{
    /// <summary>From the timestamps of actions, once one has been given; until then from the system.</summary>
    Auto,

    /// <summary>From the timestamps of actions; an action without one is refused.</summary>
    Timestamps,

    /// <summary>From the system; timestamps do not matter.</summary>
    System,
}

/// <summary>A clock that stands where the latest action was. It never goes back, so an action that comes late counts as one of now.</summary>
internal sealed class ActionClock(ClockMode mode, TimeProvider system) : TimeProvider
{
    private long? _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks ?? GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow() => _ticks is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : system.GetUtcNow();

    /// <summary>Turns the clock to an action's time.</summary>
    /// <exception cref="ActionFormatException">The action has no timestamp, and needs one.</exception>
    internal void MoveTo(DateTimeOffset? timestamp)
    {
        if (mode == ClockMode.System)
        {
            return;
        }

        if (timestamp is { } time)
        {
            _ticks = Math.Max(_ticks ?? 0, time.UtcTicks);
        }
        else if (mode == ClockMode.Timestamps)
        {
            throw new ActionFormatException("'timestamp' is missing, and the clock is taken from timestamps.");
        }
    }
}
