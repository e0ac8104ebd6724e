namespace Agt.Policy.Limits;

/// <summary>What is counted of one session. Thread-safe.</summary>
internal sealed class SessionWatch
{
    private OutputProfile? _first;
    private int _running;
    private int _done;

    /// <summary>How many places are taken.</summary>
    internal int Running => Volatile.Read(ref _running);

    /// <summary>Takes a place among the calls that run at once, if there is one.</summary>
    /// <param name="most">How many places there are.</param>
    /// <param name="running">How many are taken now.</param>
    internal bool TryStart(int most, out int running)
    {
        int seen = Volatile.Read(ref _running);
        while (seen < most)
        {
            int found = Interlocked.CompareExchange(ref _running, seen + 1, seen);
            if (found == seen)
            {
                running = seen + 1;
                return true;
            }

            seen = found;
        }

        running = seen;
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _running);

    /// <summary>One more has run.</summary>
    internal int Count() => Interlocked.Increment(ref _done);

    /// <summary>How far a result is from the first one, 0 to 1; 0 for the first itself.</summary>
    /// <param name="output">The result.</param>
    /// <param name="isKept">Whether it is the first one, and is kept.</param>
    internal double DriftOf(OutputProfile output, out bool isKept)
    {
        OutputProfile? first = Interlocked.CompareExchange(ref _first, output, null);
        isKept = first is null;
        return isKept ? 0 : 1 - first!.SimilarityTo(output);
    }
}
