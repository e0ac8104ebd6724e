namespace Agt.Policy.RateLimits;

/// <summary>
/// A bucket that fills at a rate up to its capacity, and from which is taken what is there (spec 01, POL-214): bursts up to the capacity, and on average no more than the rate. Thread-safe.
/// </summary>
public sealed class TokenBucket
{
    private readonly TimeProvider _time;
    private readonly double _capacity;
    private readonly double _rate;
    private readonly Lock _gate = new();
    private double _tokens;
    private long _filledAt;

    /// <summary>Creates a bucket.</summary>
    /// <param name="capacity">The most it holds; more than 0.</param>
    /// <param name="ratePerSecond">How much comes in a second; 0 or more.</param>
    /// <param name="initial">How much is in it to begin with, 0 to the capacity; null for the capacity.</param>
    /// <param name="time">The clock; only its monotonic timestamps are read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range, or no number.</exception>
    public TokenBucket(double capacity, double ratePerSecond, double? initial = null, TimeProvider? time = null)
    {
        if (!(capacity > 0) || !double.IsFinite(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "The capacity must be more than 0.");
        }

        if (!(ratePerSecond >= 0) || !double.IsFinite(ratePerSecond))
        {
            throw new ArgumentOutOfRangeException(nameof(ratePerSecond), ratePerSecond, "The rate must be 0 or more.");
        }

        if (initial is { } given && !(given >= 0 && given <= capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(initial), initial, "The bucket must begin with 0 to its capacity.");
        }

        _time = time ?? TimeProvider.System;
        _capacity = capacity;
        _rate = ratePerSecond;
        _tokens = initial ?? capacity;
        _filledAt = _time.GetTimestamp();
    }

    /// <summary>How much is in it now.</summary>
    public double Available
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return _tokens;
            }
        }
    }

    /// <summary>Takes some if there is enough, else nothing.</summary>
    /// <param name="amount">How much; more than 0.</param>
    /// <param name="wait">How long until there is enough if nobody else takes any; zero if it was taken, <see cref="Timeout.InfiniteTimeSpan"/> if it never will be.</param>
    /// <exception cref="ArgumentOutOfRangeException">The amount is not more than 0.</exception>
    public bool TryConsume(double amount, out TimeSpan wait)
    {
        if (!(amount > 0) || !double.IsFinite(amount))
        {
            throw new ArgumentOutOfRangeException(nameof(amount), amount, "The amount must be more than 0.");
        }

        lock (_gate)
        {
            Fill();
            if (_tokens >= amount)
            {
                _tokens -= amount;
                wait = TimeSpan.Zero;
                return true;
            }

            double seconds = (amount - _tokens) / _rate;
            wait = _rate == 0 || amount > _capacity || seconds > TimeSpan.MaxValue.TotalSeconds / 2 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
            return false;
        }
    }

    private void Fill()
    {
        long now = _time.GetTimestamp();
        if (now > _filledAt)
        {
            _tokens = Math.Min(_capacity, _tokens + (_time.GetElapsedTime(_filledAt, now).TotalSeconds * _rate));
            _filledAt = now;
        }
    }
}
