namespace Agt.Policy.Gates;

/// <summary>The calls of one session that a gate has let through. Thread-safe.</summary>
internal sealed class CallCounter
{
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Counts one more, if that is not too many.</summary>
    internal bool TryAdd(int most)
    {
        int seen = Volatile.Read(ref _count);
        while (seen < most)
        {
            int found = Interlocked.CompareExchange(ref _count, seen + 1, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    /// <summary>One that was counted did not run.</summary>
    internal void Remove() => Interlocked.Decrement(ref _count);
}
