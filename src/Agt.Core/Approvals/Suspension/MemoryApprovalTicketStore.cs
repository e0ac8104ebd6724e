namespace Agt.Approvals;

/// <summary>Remembers open tickets in this process alone: for one process that suspends and resumes. Thread-safe.</summary>
public sealed class MemoryApprovalTicketStore : IApprovalTicketStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, OpenApprovalTicket> _open = new(StringComparer.Ordinal);
    private readonly int _capacity;
    private readonly TimeProvider _clock;

    /// <summary>Makes a store.</summary>
    /// <param name="capacity">How many tickets may be open, 1 to 1,000,000. One more is refused, once those that have ended are forgotten.</param>
    /// <param name="clock">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    public MemoryApprovalTicketStore(int capacity = 10_000, TimeProvider? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        _capacity = capacity;
        _clock = clock ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public ValueTask OpenAsync(OpenApprovalTicket ticket, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        lock (_lock)
        {
            if (_open.Count == _capacity)
            {
                DateTimeOffset now = _clock.GetUtcNow();
                foreach (OpenApprovalTicket ended in _open.Values.Where(one => one.ExpiresAt <= now).ToList())
                {
                    _open.Remove(ended.Id);
                }
            }

            if (_open.Count == _capacity || !_open.TryAdd(ticket.Id, ticket))
            {
                throw new InvalidOperationException($"Approval tickets: {_capacity} are open already, or one has the same id.");
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<OpenApprovalTicket?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (_lock)
        {
            return new(_open.GetValueOrDefault(id));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryRedeemAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (_lock)
        {
            return new(_open.Remove(id));
        }
    }
}
