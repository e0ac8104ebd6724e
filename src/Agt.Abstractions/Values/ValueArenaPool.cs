namespace Agt.Values;

/// <summary>A bounded pool of arenas. Thread-safe; slots are spread over threads so that two callers seldom meet.</summary>
public sealed class ValueArenaPool
{
    private readonly PayloadLimits _limits;
    private readonly StripedPool<ValueArena> _arenas = new();

    /// <summary>Creates a pool.</summary>
    /// <param name="limits">The bounds of every payload.</param>
    public ValueArenaPool(PayloadLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
    }

    /// <summary>Takes an empty arena with one lease; release it when done.</summary>
    public ValueArena Rent()
    {
        ValueArena? arena = _arenas.TryTake();
        if (arena is null)
        {
            return new ValueArena(_limits, this);
        }

        arena.Revive();
        return arena;
    }

    internal void Return(ValueArena arena)
    {
        if (arena.IsReusable)
        {
            _arenas.Give(arena);
        }
    }
}
