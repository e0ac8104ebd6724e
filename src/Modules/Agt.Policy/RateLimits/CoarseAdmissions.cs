namespace Agt.Policy.RateLimits;

/// <summary>
/// Admissions counted in sub-windows. A sub-window counts until the last moment it could hold has left the window, so that never more than the limit
/// is admitted in any window; up to 1/512 of a window is waited for too long.
/// </summary>
internal sealed class CoarseAdmissions : AdmissionCount
{
    private const int Parts = 512;
    private readonly long _limit;
    private readonly long _window;
    private readonly long _width;
    private readonly long[] _counts = new long[Parts + 2];
    private readonly long[] _ids = new long[Parts + 2];
    private int _first;
    private int _used;
    private long _total;

    internal CoarseAdmissions(long limit, long window)
    {
        _limit = limit;
        _window = window;
        _width = Math.Max(1, (window + Parts - 1) / Parts);
    }

    internal override bool TryAdd(long now, out long wait)
    {
        Expire(now);
        if (_total >= _limit)
        {
            wait = LastOf(_ids[_first]) + _window - now;
            return false;
        }

        long id = IdOf(now);
        int last = Place(_used - 1);
        if (_used == 0 || _ids[last] != id)
        {
            last = Place(_used++);
            _ids[last] = id;
            _counts[last] = 0;
        }

        _counts[last]++;
        _total++;
        wait = 0;
        return true;
    }

    internal override void Remove(long stamp)
    {
        long id = IdOf(stamp);
        for (int i = _used - 1; i >= 0; i--)
        {
            int place = Place(i);
            if (_ids[place] == id && _counts[place] > 0)
            {
                _counts[place]--;
                _total--;
                return;
            }
        }
    }

    internal override bool IsEmpty(long now)
    {
        Expire(now);
        return _total == 0;
    }

    private void Expire(long now)
    {
        while (_used > 0 && (_counts[_first] == 0 || LastOf(_ids[_first]) <= now - _window))
        {
            _total -= _counts[_first];
            _first = (_first + 1) % _ids.Length;
            _used--;
        }
    }

    private long IdOf(long stamp) => Math.DivRem(stamp, _width, out long rest) - (rest < 0 ? 1 : 0);

    private long LastOf(long id) => ((id + 1) * _width) - 1;

    private int Place(int index) => (_first + index + _ids.Length) % _ids.Length;
}
