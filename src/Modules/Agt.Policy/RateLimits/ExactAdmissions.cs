namespace Agt.Policy.RateLimits;

/// <summary>Every admission with its time, in a ring that grows to the limit.</summary>
internal sealed class ExactAdmissions : AdmissionCount
{
    internal const int MaxLimit = 1_024;
    private readonly int _limit;
    private readonly long _window;
    private long[] _stamps;
    private int _first;
    private int _count;

    internal ExactAdmissions(int limit, long window)
    {
        _limit = limit;
        _window = window;
        _stamps = new long[Math.Min(limit, 4)];
    }

    internal override bool TryAdd(long now, out long wait)
    {
        Expire(now);
        if (_count == _limit)
        {
            wait = _stamps[_first] + _window - now;
            return false;
        }

        if (_count == _stamps.Length)
        {
            Grow();
        }

        _stamps[Place(_count++)] = now;
        wait = 0;
        return true;
    }

    internal override void Remove(long stamp)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_stamps[Place(i)] == stamp)
            {
                for (int j = i; j < _count - 1; j++)
                {
                    _stamps[Place(j)] = _stamps[Place(j + 1)];
                }

                _count--;
                return;
            }
        }
    }

    internal override bool IsEmpty(long now)
    {
        Expire(now);
        return _count == 0;
    }

    private void Expire(long now)
    {
        while (_count > 0 && _stamps[_first] <= now - _window)
        {
            _first = _first + 1 == _stamps.Length ? 0 : _first + 1;
            _count--;
        }
    }

    private int Place(int index)
    {
        int place = _first + index;
        return place >= _stamps.Length ? place - _stamps.Length : place;
    }

    private void Grow()
    {
        var larger = new long[Math.Min(_limit, _stamps.Length * 2)];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _stamps[Place(i)];
        }

        _stamps = larger;
        _first = 0;
    }
}
