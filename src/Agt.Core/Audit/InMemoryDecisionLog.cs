using System.Numerics;

namespace Agt.Audit;

/// <summary>
/// Keeps the latest decisions and outcomes in memory, for tests, development and hosts without the audit module. Not durable, and no proof: what is older than the capacity is gone.
/// </summary>
/// <remarks>
/// Thread-safe. Appending takes no lock and allocates nothing. Payloads are not kept, so nothing secret stays in memory.
/// </remarks>
public sealed class InMemoryDecisionLog : IDecisionLog
{
    private readonly Slot[] _slots;
    private readonly int _mask;
    private readonly int _shift;
    private long _next;

    /// <summary>Creates a log.</summary>
    /// <param name="capacity">How many records are kept, 16 to 1,048,576; rounded up to a power of two.</param>
    public InMemoryDecisionLog(int capacity = 4_096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_048_576);
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
        _slots = new Slot[size];
        _mask = size - 1;
        _shift = BitOperations.Log2((uint)size) - 4;
    }

    /// <summary>How many records were appended since the start, kept or not.</summary>
    public long Appended => Volatile.Read(ref _next);

    /// <inheritdoc />
    public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
    {
        // Read before the slot is claimed: between claim and release nothing may throw.
        ActionTemplate template = record.Action.Template;
        SessionId session = record.Action.Session.Id;
        ref Slot slot = ref Claim(out long sequence);
        slot.Entry.Sequence = sequence;
        slot.Entry.Id = record.Id;
        slot.Entry.Timestamp = record.Timestamp;
        slot.Entry.Template = template;
        slot.Entry.Session = session;
        slot.Entry.CallId = record.Action.CallId;
        slot.Entry.Decision = record.Decision;
        slot.Entry.Status = null;
        slot.Entry.Approver = record.Approver;
        Volatile.Write(ref slot.Version, sequence + 1);
        return default;
    }

    /// <inheritdoc />
    public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
    {
        // Read before the slot is claimed: between claim and release nothing may throw.
        ActionTemplate template = record.Action.Template;
        SessionId session = record.Action.Session.Id;
        ref Slot slot = ref Claim(out long sequence);
        slot.Entry.Sequence = sequence;
        slot.Entry.Id = record.DecisionId;
        slot.Entry.Timestamp = record.Timestamp;
        slot.Entry.Template = template;
        slot.Entry.Session = session;
        slot.Entry.CallId = record.Action.CallId;
        slot.Entry.Decision = record.ResultDecision;
        slot.Entry.Status = record.Status;
        slot.Entry.Approver = null;
        Volatile.Write(ref slot.Version, sequence + 1);
        return default;
    }

    /// <summary>The records that are kept, oldest first. A record that is being overwritten while this runs is left out.</summary>
    public IReadOnlyList<LoggedRecord> Snapshot()
    {
        long end = Volatile.Read(ref _next);
        long start = Math.Max(0, end - _slots.Length);
        var records = new List<LoggedRecord>((int)(end - start));
        for (long sequence = start; sequence < end; sequence++)
        {
            ref Slot slot = ref _slots[Place(sequence)];
            if (Volatile.Read(ref slot.Version) != sequence + 1)
            {
                continue;
            }

            LoggedRecord copy = slot.Entry.ToRecord();
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref slot.Version) == sequence + 1)
            {
                records.Add(copy);
            }
        }

        return records;
    }

    /// <summary>Neighbours in order are far apart in memory, so that threads that append at once do not fight for one cache line.</summary>
    private int Place(long sequence)
    {
        int at = (int)(sequence & _mask);
        return ((at & 15) << _shift) | (at >> 4);
    }

    private ref Slot Claim(out long sequence)
    {
        sequence = Interlocked.Increment(ref _next) - 1;
        ref Slot slot = ref _slots[Place(sequence)];
        long previous = sequence < _slots.Length ? 0 : sequence - _slots.Length + 1;
        if (Volatile.Read(ref slot.Version) != previous)
        {
            AwaitPrevious(ref slot, previous);
        }

        Volatile.Write(ref slot.Version, -1);

        // No write to the entry may be seen before this one.
        Volatile.WriteBarrier();
        return ref slot;
    }

    /// <summary>A writer a whole round behind was interrupted in the middle of this very slot; records must not mix, so wait for it.</summary>
    private static void AwaitPrevious(ref Slot slot, long previous)
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref slot.Version) != previous)
        {
            spin.SpinOnce();
        }
    }

    private struct Slot
    {
        internal long Version;
        internal Entry Entry;
    }

    private struct Entry
    {
        internal long Sequence;
        internal DecisionId Id;
        internal DateTimeOffset Timestamp;
        internal ActionTemplate Template;
        internal SessionId Session;
        internal string? CallId;
        internal Decision? Decision;
        internal OutcomeStatus? Status;
        internal string? Approver;

        internal readonly LoggedRecord ToRecord() => new(Sequence, Id, Timestamp, Template, Session, CallId, Decision, Status, Approver);
    }
}
