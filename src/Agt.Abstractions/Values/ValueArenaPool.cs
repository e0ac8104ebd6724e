namespace Agt.Values;

/// <summary>A bounded pool of arenas. Thread-safe; slots are spread over threads so that two callers seldom meet.</summary>
public sealed class ValueArenaPool
{
    private const int Stripes = 16;
    private const int PerStripe = 64;
    private readonly PayloadLimits _limits;
    private readonly Stripe[] _stripes;

    /// <summary>Creates a pool.</summary>
    /// <param name="limits">The bounds of every payload.</param>
    public ValueArenaPool(PayloadLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        _stripes = new Stripe[Stripes];
        for (int i = 0; i < Stripes; i++)
        {
            _stripes[i] = new Stripe();
        }
    }

    /// <summary>Takes an empty arena with one lease; release it when done.</summary>
    public ValueArena Rent()
    {
        ValueArena? arena = Local().TryPop();
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
            Local().TryPush(arena);
        }
    }

    private Stripe Local() => _stripes[Environment.CurrentManagedThreadId & (Stripes - 1)];

    /// <summary>A small stack behind a one-bit latch that is tried once: a caller never waits, it makes a new arena or drops the old one.</summary>
    private sealed class Stripe
    {
        private readonly ValueArena?[] _items = new ValueArena?[PerStripe];
        private ValueArena? _first;
        private int _count;
        private int _latch;

        internal ValueArena? TryPop()
        {
            ValueArena? arena = Interlocked.Exchange(ref _first, null);
            if (arena is not null || Volatile.Read(ref _count) == 0 || Interlocked.Exchange(ref _latch, 1) != 0)
            {
                return arena;
            }

            if (_count > 0)
            {
                arena = _items[--_count];
                _items[_count] = null;
            }

            Volatile.Write(ref _latch, 0);
            return arena;
        }

        internal void TryPush(ValueArena arena)
        {
            if (_first is null && Interlocked.CompareExchange(ref _first, arena, null) is null)
            {
                return;
            }

            if (Interlocked.Exchange(ref _latch, 1) != 0)
            {
                return;
            }

            if (_count < PerStripe)
            {
                _items[_count++] = arena;
            }

            Volatile.Write(ref _latch, 0);
        }
    }
}
