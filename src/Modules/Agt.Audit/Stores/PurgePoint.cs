using Agt.Audit.Tiles;

namespace Agt.Audit.Stores;

/// <summary>Where a log may begin: with a whole bundle, so that what is left can be published.</summary>
internal static class PurgePoint
{
    /// <summary>Refuses what no log can begin with.</summary>
    internal static void Require(long first, long size)
    {
        if (first < 0 || first % TilePath.FullWidth != 0 || (first >= size && first > 0))
        {
            throw new ArgumentException($"A log of {size} records is purged up to a multiple of {TilePath.FullWidth} below its size, not {first}.", nameof(first));
        }
    }

    /// <summary>Refuses to read what was purged.</summary>
    internal static void RequireKept(long index, long first)
    {
        if (index < first)
        {
            throw new InvalidDataException($"Record {index} was purged; the log keeps its records from {first} on.");
        }
    }
}
