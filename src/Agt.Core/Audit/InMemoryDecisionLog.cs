using System.Numerics;
using Agt.Chain;

namespace Agt.Audit;

/// <summary>
/// Keeps the latest decisions and outcomes in memory, for tests, development and hosts without the audit module. Not durable, and no proof: what is older than the capacity is gone.
/// </summary>
/// <remarks>
/// Thread-safe. Appending takes no lock and allocates nothing. Payloads are not kept, so nothing secret stays in memory.
/// </remarks>
public sealed class InMemoryDecisionLog : IDecisionLog
{
    private const int Lanes = 16;
    private readonly LogLane?[] _lanes = new LogLane?[Lanes];
    private readonly int _size;
    private Lane _next;

    /// <summary>Creates a log.</summary>
    /// <param name="capacity">How many records are kept, 16 to 1,048,576; rounded up to a power of two. Every thread that appends keeps room for as many, up to 16 threads.</param>
    public InMemoryDecisionLog(int capacity = 4_096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_048_576);
        _size = (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
    }

    /// <summary>How many records were appended since the start, kept or not.</summary>
    public long Appended => Volatile.Read(ref _next.Count);

    /// <inheritdoc />
    public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
    {
        // Read before the slot is claimed: between claim and release nothing may throw.
        ActionTemplate template = record.Action.Template;
        SessionId session = record.Action.Session.Id;
        ref LogSlot slot = ref Claim(out long sequence, out long place);
        slot.Entry.Sequence = sequence;
        slot.Entry.Id = record.Id;
        slot.Entry.Timestamp = record.Timestamp;
        slot.Entry.Template = template;
        slot.Entry.Session = session;
        slot.Entry.CallId = record.Action.CallId;
        slot.Entry.Decision = record.Decision;
        slot.Entry.Status = null;
        slot.Entry.Approver = record.Approver;
        Volatile.Write(ref slot.Version, place + 1);
        return default;
    }

    /// <inheritdoc />
    public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
    {
        // Read before the slot is claimed: between claim and release nothing may throw.
        ActionTemplate template = record.Action.Template;
        SessionId session = record.Action.Session.Id;
        ref LogSlot slot = ref Claim(out long sequence, out long place);
        slot.Entry.Sequence = sequence;
        slot.Entry.Id = record.DecisionId;
        slot.Entry.Timestamp = record.Timestamp;
        slot.Entry.Template = template;
        slot.Entry.Session = session;
        slot.Entry.CallId = record.Action.CallId;
        slot.Entry.Decision = record.ResultDecision;
        slot.Entry.Status = record.Status;
        slot.Entry.Approver = null;
        Volatile.Write(ref slot.Version, place + 1);
        return default;
    }

    /// <summary>The records that are kept, oldest first. A record that is being overwritten while this runs is left out.</summary>
    public IReadOnlyList<LoggedRecord> Snapshot()
    {
        long first = Appended - _size;
        var records = new List<LoggedRecord>();
        foreach (LogLane? lane in _lanes)
        {
            lane?.CopyTo(records, first);
        }

        records.Sort(static (left, right) => left.Sequence.CompareTo(right.Sequence));
        return records.Count <= _size ? records : records[^_size..];
    }

    private ref LogSlot Claim(out long sequence, out long place)
    {
        ref LogLane? kept = ref _lanes[Environment.CurrentManagedThreadId & (Lanes - 1)];
        LogLane lane = kept ?? Interlocked.CompareExchange(ref kept, new LogLane(_size), null) ?? kept;
        ref LogSlot slot = ref lane.Claim(out place);
        sequence = Interlocked.Increment(ref _next.Count) - 1;
        return ref slot;
    }
}
