using Agt.Audit.Records;
using Agt.Audit.Retention;

namespace Agt.Audit.Verification;

/// <summary>What the records of a sound log say among each other: numbers without gaps, an outcome to every effect, time that goes on.</summary>
/// <param name="findings">Where what needs an explanation goes.</param>
/// <param name="fromMiddle">Whether records before the first one are not read, so that runs may have begun before.</param>
internal sealed class ContentChecks(FindingCollector findings, bool fromMiddle)
{
    private const int KnownVersion = 1;
    private const int MaxOpen = 1_000_000;
    private static readonly TimeSpan OutcomeTimeout = TimeSpan.FromMinutes(15);
    private readonly Dictionary<string, long> _emitters = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Decision, string? Emitter), (long Index, DateTimeOffset At)> _open = [];
    private DateTimeOffset _latest;

    /// <summary>Up to which record the log says that it was purged; 0 if it does not.</summary>
    internal long PurgedUpTo { get; private set; }

    internal void Check(long index, ReadOnlySpan<byte> leaf)
    {
        RecordHead head = RecordHead.Read(leaf);
        if (head.Version != KnownVersion)
        {
            findings.Add("unknown_version", index, "low", "The record is of a version that this build does not know, or no record of Agt: its bytes were verified, its content was not read.");
            return;
        }

        CheckEmitter(index, in head);
        DateTimeOffset at = head.OccurredAt ?? _latest;
        if (_latest - at > TimeSpan.FromSeconds(1))
        {
            findings.Add("clock_regression", index, "low", $"The clock went back by {_latest - at}. The order of the records is that of their places.");
        }

        _latest = at > _latest ? at : _latest;
        if (head is { Kind: "config", EventType: PurgeRecord.Type } && PurgeRecord.FirstKept(leaf) is { } kept && kept <= index)
        {
            PurgedUpTo = Math.Max(PurgedUpTo, kept);
        }

        if (head.EventType == "outcome.in_doubt")
        {
            findings.Add("in_doubt", index, "medium", $"'{head.Action}' may have happened or not: the process ended before its outcome was recorded.");
        }

        if (head.DecisionRef is { } decision)
        {
            // Only who let an effect go says how it ended.
            _open.Remove((decision, head.EmitterId));
        }
        else if (head.Kind == "decision" && head.Decision is "allow" or "warn" && head.RecordId is { } id && _open.Count < MaxOpen)
        {
            _open[(id, head.EmitterId)] = (index, at);
        }
    }

    /// <summary>Says which effects never ended.</summary>
    internal void Finish()
    {
        foreach ((long index, DateTimeOffset at) in _open.Values.OrderBy(open => open.Index))
        {
            if (_latest - at > OutcomeTimeout)
            {
                findings.Add("outcome_missing", index, "medium", "An effect was allowed, and what became of it is not recorded.");
            }
        }
    }

    private void CheckEmitter(long index, in RecordHead head)
    {
        if (head.EmitterId is not { } emitter || (_emitters.Count >= MaxOpen && !_emitters.ContainsKey(emitter)))
        {
            return;
        }

        bool seen = _emitters.TryGetValue(emitter, out long last);
        long expected = last + 1;
        if (head.EmitterSequence != expected && (seen || !fromMiddle))
        {
            findings.Add("emitter_gap", index, "high", $"The writer's record {head.EmitterSequence} stands where its record {expected} should: records are missing or doubled.");
        }

        _emitters[emitter] = head.EmitterSequence;
    }
}
