using Agt.Chain;

namespace Agt.Audit;

/// <summary>
/// The ring of the threads that share a lane. Its memory stays in the cache of the core that writes it: only the number of a record is shared by all.
/// </summary>
internal sealed class LogLane(int size)
{
    private readonly LogSlot[] _slots = new LogSlot[size];
    private Lane _next;

    /// <summary>Takes the next slot for writing; its version says so until the writer sets it to the place and one.</summary>
    internal ref LogSlot Claim(out long place)
    {
        place = Interlocked.Increment(ref _next.Count) - 1;
        ref LogSlot slot = ref _slots[place & (_slots.Length - 1)];
        long previous = place < _slots.Length ? 0 : place - _slots.Length + 1;
        if (Volatile.Read(ref slot.Version) != previous)
        {
            AwaitPrevious(ref slot, previous);
        }

        Volatile.Write(ref slot.Version, -1);

        // No write to the entry may be seen before this one.
        Volatile.WriteBarrier();
        return ref slot;
    }

    /// <summary>Adds what stands in the ring and has this number or a higher one.</summary>
    internal void CopyTo(List<LoggedRecord> records, long firstSequence)
    {
        long end = Volatile.Read(ref _next.Count);
        for (long place = Math.Max(0, end - _slots.Length); place < end; place++)
        {
            ref LogSlot slot = ref _slots[place & (_slots.Length - 1)];
            if (Volatile.Read(ref slot.Version) != place + 1)
            {
                continue;
            }

            LoggedRecord copy = slot.Entry.ToRecord();
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref slot.Version) == place + 1 && copy.Sequence >= firstSequence)
            {
                records.Add(copy);
            }
        }
    }

    /// <summary>A writer a whole round behind was interrupted in the middle of this very slot; records must not mix, so wait for it.</summary>
    private static void AwaitPrevious(ref LogSlot slot, long previous)
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref slot.Version) != previous)
        {
            spin.SpinOnce();
        }
    }
}
