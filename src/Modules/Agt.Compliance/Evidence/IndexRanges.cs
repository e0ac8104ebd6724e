namespace Agt.Compliance.Evidence;

/// <summary>Indices of records, as ranges with how many of each belong: exact while there is room, then coarser, and never more than a bound.</summary>
internal sealed class IndexRanges
{
    internal const int Most = 128;
    private readonly List<IndexRange> _ranges = [];

    internal IReadOnlyList<IndexRange> All => _ranges;

    /// <summary>Adds an index behind those that are there.</summary>
    internal void Add(long index)
    {
        if (_ranges.Count > 0 && _ranges[^1] is var last && last.Last + 1 == index)
        {
            _ranges[^1] = last with { Last = index, Count = last.Count + 1 };
            return;
        }

        if (_ranges.Count == Most)
        {
            for (int i = 0; i < Most / 2; i++)
            {
                _ranges[i] = new IndexRange(_ranges[2 * i].First, _ranges[(2 * i) + 1].Last, _ranges[2 * i].Count + _ranges[(2 * i) + 1].Count);
            }

            _ranges.RemoveRange(Most / 2, Most - (Most / 2));
        }

        _ranges.Add(new IndexRange(index, index, 1));
    }
}
