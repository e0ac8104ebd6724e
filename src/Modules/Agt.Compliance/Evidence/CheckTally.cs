using Agt.Audit.Merkle;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Evidence;

/// <summary>Counts for one check what speaks for it and against it, and keeps a few records of each as samples. For one thread; bounded, however long the log is.</summary>
internal sealed class CheckTally
{
    private const int MaxLatest = 1_000;
    private readonly int _among;
    private readonly int _good;
    private readonly int _bad;
    private readonly int _samples;
    private readonly int _latestSlot;
    private readonly Dictionary<string, (Sample Record, bool IsGood)> _latest = new(StringComparer.Ordinal);
    private bool _tooMany;

    internal CheckTally(ControlCheck check, QuerySet queries, RecordShape shape, int samples)
    {
        Check = check;
        _samples = samples;
        _among = queries.Add(check.Among);
        _good = check.Good is { } good ? queries.Add(good) : -1;
        _bad = check.Bad is { } bad ? queries.Add(bad) : -1;
        _latestSlot = check.LatestBy is { } field ? shape.Slot(field) : -1;
    }

    internal ControlCheck Check { get; }

    internal long For { get; private set; }

    internal long Against { get; private set; }

    internal IndexRanges ForRanges { get; } = new();

    internal IndexRanges AgainstRanges { get; } = new();

    internal List<Sample> ForSamples { get; } = [];

    internal List<Sample> AgainstSamples { get; } = [];

    /// <summary>Whether more things were probed than are followed: what the check says would not be all.</summary>
    internal bool IsIncomplete => _tooMany;

    internal void Look(QuerySet queries, string?[] values, long index, LogHash hash, ReadOnlyMemory<byte> leaf)
    {
        if (!queries.Takes(_among))
        {
            return;
        }

        bool good = _good >= 0 ? queries.Takes(_good) : _bad < 0 || !queries.Takes(_bad);
        if (_latestSlot < 0)
        {
            Count(good, index, hash, leaf);
            return;
        }

        string key = values[_latestSlot] ?? string.Empty;
        if (_latest.Count < MaxLatest || _latest.ContainsKey(key))
        {
            _latest[key] = (new Sample(index, hash, leaf.ToArray()), good);
        }
        else
        {
            _tooMany = true;
        }
    }

    /// <summary>Takes into account what only the end of the log tells.</summary>
    internal void Finish()
    {
        foreach ((Sample record, bool good) in _latest.Values.OrderBy(latest => latest.Record.Index))
        {
            Count(good, record.Index, record.Hash, record.Leaf);
        }

        _latest.Clear();
    }

    private void Count(bool good, long index, LogHash hash, ReadOnlyMemory<byte> leaf)
    {
        List<Sample> samples = good ? ForSamples : AgainstSamples;
        (good ? ForRanges : AgainstRanges).Add(index);
        if (good)
        {
            For++;
        }
        else
        {
            Against++;
        }

        if (samples.Count < _samples)
        {
            samples.Add(new Sample(index, hash, leaf.ToArray()));
        }
    }

    /// <summary>A record that is shown.</summary>
    internal sealed record Sample(long Index, LogHash Hash, byte[] Leaf);
}
