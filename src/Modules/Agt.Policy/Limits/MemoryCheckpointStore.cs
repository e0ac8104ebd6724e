namespace Agt.Policy.Limits;

/// <summary>Keeps the latest checkpoints in memory. Thread-safe.</summary>
public sealed class MemoryCheckpointStore : ICheckpointStore
{
    private readonly Lock _lock = new();
    private readonly Queue<Checkpoint> _kept = new();
    private readonly int _capacity;

    /// <summary>Makes a store.</summary>
    /// <param name="capacity">How many checkpoints of all sessions are kept, 1 to 1,000,000; the oldest makes room.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    public MemoryCheckpointStore(int capacity = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        _capacity = capacity;
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(Checkpoint checkpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        lock (_lock)
        {
            if (_kept.Count == _capacity)
            {
                _kept.Dequeue();
            }

            _kept.Enqueue(checkpoint);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Checkpoint>> ListAsync(AgentId agent, SessionId session, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new([.. _kept.Where(checkpoint => checkpoint.Agent == agent && checkpoint.Session == session)]);
        }
    }
}
