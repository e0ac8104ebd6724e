namespace Agt.Policy.Limits;

/// <summary>
/// The places for calls of one session that run at once (spec 08, ADP-073). Without a delay it takes no lock. With one, whoever comes while there is pressure waits for a place below the
/// threshold, first come first served, and after the delay takes one above it if there is one. Thread-safe.
/// </summary>
internal sealed class ConcurrencyGate(int most, int threshold, TimeSpan delay, TimeProvider time)
{
    private const int MostWaiting = 1_024;
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = new();
    private int _active;
    private long _acquired;
    private long _rejected;

    internal ConcurrencyFigures Figures => new(Volatile.Read(ref _active), most, threshold, Interlocked.Read(ref _acquired), Interlocked.Read(ref _rejected));

    /// <summary>Takes a place.</summary>
    /// <returns>How many are taken now; 0 if there is none left.</returns>
    internal ValueTask<int> EnterAsync(CancellationToken cancellationToken) =>
        delay == TimeSpan.Zero ? new(Count(TryTake(most))) : EnterInTurnAsync(cancellationToken);

    /// <summary>Gives a place back, which the caller has taken.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _active) < 0)
        {
            Interlocked.Increment(ref _active);
            throw new InvalidOperationException("A place was given back that nobody had taken.");
        }

        if (delay == TimeSpan.Zero)
        {
            return;
        }

        lock (_lock)
        {
            while (_waiting.First is { } first && TryTake(threshold) > 0)
            {
                _waiting.RemoveFirst();
                first.Value.SetResult(true);
            }
        }
    }

    private async ValueTask<int> EnterInTurnAsync(CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource<bool>> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && TryTake(threshold) is > 0 and var taken)
            {
                return Count(taken);
            }

            if (_waiting.Count == MostWaiting)
            {
                return Count(0);
            }

            node = _waiting.AddLast(turn);
        }

        try
        {
            await turn.Task.WaitAsync(delay, time, cancellationToken).ConfigureAwait(false);
            return Count(Volatile.Read(ref _active));
        }
        catch (TimeoutException)
        {
            return Count(GiveUp(node) ? TryTake(most) : Volatile.Read(ref _active));
        }
        catch (OperationCanceledException)
        {
            if (!GiveUp(node))
            {
                Leave();
            }

            throw;
        }
    }

    /// <summary>Waits no longer.</summary>
    /// <returns>False if the place was handed over meanwhile.</returns>
    private bool GiveUp(LinkedListNode<TaskCompletionSource<bool>> node)
    {
        lock (_lock)
        {
            if (node.List is null)
            {
                return false;
            }

            _waiting.Remove(node);
            return true;
        }
    }

    private int TryTake(int below)
    {
        int seen = Volatile.Read(ref _active);
        while (seen < below)
        {
            int found = Interlocked.CompareExchange(ref _active, seen + 1, seen);
            if (found == seen)
            {
                return seen + 1;
            }

            seen = found;
        }

        return 0;
    }

    private int Count(int taken)
    {
        Interlocked.Increment(ref taken > 0 ? ref _acquired : ref _rejected);
        return taken;
    }
}
