using Agt.Audit.Records;
using Agt.Audit.Stores;

namespace Agt.Audit;

/// <summary>Looks through the run before for effects without an end. A clean stop leaves none, and is recognised by its last record.</summary>
internal static class InDoubtScan
{
    /// <summary>How far back a run is followed.</summary>
    internal const long MaxRecords = 1_000_000;

    private const int MaxFound = 10_000;
    private const int Step = 4_096;

    internal static IReadOnlyList<InDoubt> Find(IAuditStore store)
    {
        long size = store.Size;
        if (size == 0 || IsStop(store.ReadLeaves(size - 1, 1).Single().Span))
        {
            return [];
        }

        var open = new Dictionary<string, (InDoubt Effect, string? Emitter)>(StringComparer.Ordinal);
        string? run = null;
        var ended = new HashSet<(string Decision, string? Emitter)>();

        // Backwards, a step at a time, until the start of the run; an outcome always stands behind its decision.
        long kept = store.First;
        for (long end = size; end > kept && end > size - MaxRecords; end -= Step)
        {
            long first = Math.Max(kept, end - Step);
            bool started = false;
            var step = new List<(long Index, RecordHead Head)>();
            long index = first;
            foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(first, end - first))
            {
                step.Add((index++, RecordHead.Read(leaf.Span)));
            }

            for (int i = step.Count - 1; i >= 0 && !started; i--)
            {
                (long at, RecordHead head) = step[i];
                started = head is { EventType: "log.started", Kind: "config" };
                run = started ? head.EmitterId : run;
                if (head.DecisionRef is { } decision)
                {
                    // Only who let an effect go says how it ended.
                    ended.Add((decision, head.EmitterId));
                }
                else if (head.Kind == "decision" && head.Decision is "allow" or "warn" && head.RecordId is { } id && !ended.Remove((id, head.EmitterId)) && open.Count < MaxFound)
                {
                    open[id] = (new InDoubt(at, id, head.Action ?? "", head.IdempotencyKey), head.EmitterId);
                }
            }

            if (started)
            {
                break;
            }
        }

        // What others handed in is theirs to end.
        return [.. open.Values.Where(found => run is null || found.Emitter == run).Select(found => found.Effect).OrderBy(effect => effect.Index)];
    }

    /// <summary>Whether the log itself says that it stopped: others cannot hand in records of its kind.</summary>
    private static bool IsStop(ReadOnlySpan<byte> leaf) => RecordHead.Read(leaf) is { Kind: "config", EventType: "log.stopped" };
}
