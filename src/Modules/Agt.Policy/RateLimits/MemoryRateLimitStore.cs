using System.Collections.Concurrent;

namespace Agt.Policy.RateLimits;

/// <summary>
/// Counts rate limits in this process: exactly for limits of up to 1,024 calls, and above that in sub-windows that never admit more than the limit.
/// </summary>
/// <remarks>
/// Thread-safe. Holds a bounded number of keys: a new key takes the place of one whose window has passed, and is refused if there is none,
/// so that a flood of keys can never reset a limit.
/// </remarks>
public sealed class MemoryRateLimitStore : IRateLimitStore
{
    /// <summary>The number of keys held by default.</summary>
    public const int DefaultCapacity = 50_000;

    private const int MostLookedAt = 256;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<RateLimitKey, MemoryRateLimitWindow> _windows = new();
    private readonly Lock _gate = new();
    private readonly RateLimitKey[] _keys;
    private int _used;
    private int _hand;

    /// <summary>Creates an empty store.</summary>
    /// <param name="time">The clock; only its monotonic timestamps are read.</param>
    /// <param name="capacity">The most keys, at least 1.</param>
    public MemoryRateLimitStore(TimeProvider time, int capacity = DefaultCapacity)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _time = time;
        _keys = new RateLimitKey[capacity];
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentOutOfRangeException">The limit is below 1 or the window not longer than zero.</exception>
    public RateLimitWindow? GetWindow(in RateLimitKey key) => _windows.TryGetValue(key, out MemoryRateLimitWindow? window) ? window : Add(key);

    private MemoryRateLimitWindow? Add(in RateLimitKey key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Limit.Count, 1, nameof(key));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(key.Limit.Window, TimeSpan.Zero, nameof(key));
        lock (_gate)
        {
            if (_windows.TryGetValue(key, out MemoryRateLimitWindow? window))
            {
                return window;
            }

            int place = _used < _keys.Length ? _used++ : FreePlace();
            if (place < 0)
            {
                return null;
            }

            window = new MemoryRateLimitWindow(_time, key.Limit);
            _keys[place] = key;
            _windows[key] = window;
            return window;
        }
    }

    /// <summary>A place whose window has passed; looks at a bounded number of them, going round.</summary>
    private int FreePlace()
    {
        int most = Math.Min(MostLookedAt, _keys.Length);
        for (int i = 0; i < most; i++)
        {
            int place = _hand;
            _hand = (_hand + 1) % _keys.Length;
            if (_windows.TryGetValue(_keys[place], out MemoryRateLimitWindow? window) && window.TryRetire())
            {
                _windows.TryRemove(_keys[place], out _);
                return place;
            }
        }

        return -1;
    }
}
