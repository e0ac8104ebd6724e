using System.Numerics;
using Agt.Audit.Merkle;

namespace Agt.Audit.Tiles;

/// <summary>
/// A log's Merkle tree as it stands in tiles: roots of any size so far and proofs between them. Reads few tiles (at most two for each level) and no entries.
/// </summary>
/// <remarks>Thread-safe. Full tiles never change, so the latest are kept, up to a bound.</remarks>
/// <param name="source">The tiles.</param>
/// <param name="keptTiles">How many full tiles are kept in memory, 16 KiB each; 0 for none.</param>
public sealed class TileTree(ITileSource source, int keptTiles = 256)
{
    private const int LevelHeight = 8;
    private readonly TileCache _cache = new(keptTiles);

    /// <summary>The root of the log's first leaves.</summary>
    /// <param name="size">How many leaves.</param>
    /// <exception cref="InvalidDataException">A tile is missing or malformed.</exception>
    public LogHash Root(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? MerkleTree.EmptyRoot : Range(0, size, new Edge(size));
    }

    /// <summary>The proof that a leaf is in the log's first leaves: siblings from the leaf upward; empty where there is one leaf.</summary>
    /// <param name="index">The leaf's place, below the size.</param>
    /// <param name="size">How many leaves.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the size.</exception>
    /// <exception cref="InvalidDataException">A tile is missing or malformed.</exception>
    public LogHash[] Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<LogHash>(BitOperations.Log2((ulong)size) + 1);
        var edge = new Edge(size);
        long start = 0;
        long end = size;
        while (end - start > 1)
        {
            long middle = start + Split(end - start);
            if (index < middle)
            {
                path.Add(Range(middle, end, edge));
                end = middle;
            }
            else
            {
                path.Add(Range(start, middle, edge));
                start = middle;
            }
        }

        path.Reverse();
        return [.. path];
    }

    /// <summary>The proof that the log of one size is the start of the log of another; empty where they are the same.</summary>
    /// <param name="first">The smaller size, at least 1.</param>
    /// <param name="second">The larger size.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sizes are out of order.</exception>
    /// <exception cref="InvalidDataException">A tile is missing or malformed.</exception>
    public LogHash[] Consistency(long first, long second)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        var path = new List<LogHash>();
        var edge = new Edge(second);
        long start = 0;
        long end = second;
        bool known = true;
        while (first != end)
        {
            long middle = start + Split(end - start);
            if (first <= middle)
            {
                path.Add(Range(middle, end, edge));
                end = middle;
            }
            else
            {
                path.Add(Range(start, middle, edge));
                start = middle;
                known = false;
            }
        }

        if (!known)
        {
            path.Add(Range(start, end, edge));
        }

        path.Reverse();
        return [.. path];
    }

    /// <summary>What a log needs to grow on from a size.</summary>
    /// <param name="size">How many leaves.</param>
    /// <exception cref="InvalidDataException">A tile is missing or malformed.</exception>
    public CompactRange Frontier(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var hashes = new List<LogHash>();
        var edge = new Edge(size);
        long start = 0;
        for (int height = 62; height >= 0; height--)
        {
            if ((size >> height & 1) == 1)
            {
                hashes.Add(Node(height, start >> height, edge));
                start += 1L << height;
            }
        }

        return new CompactRange(size, [.. hashes]);
    }

    /// <summary>The largest power of two below a number of leaves (RFC 6962, 2.1).</summary>
    private static long Split(long leaves) => 1L << BitOperations.Log2((ulong)leaves - 1);

    /// <summary>The hash over a run of leaves that the tree splits off as one: it begins at a multiple of the power of two that holds it.</summary>
    private LogHash Range(long start, long end, Edge edge)
    {
        LogHash? right = null;

        // From the right: the full subtrees of the run, smallest first.
        for (long left = end - start; left > 0;)
        {
            int height = BitOperations.TrailingZeroCount(left);
            long at = start + left - (1L << height);
            LogHash node = Node(height, at >> height, edge);
            right = right is { } hash ? MerkleTree.HashNode(node, hash) : node;
            left -= 1L << height;
        }

        return right!.Value;
    }

    /// <summary>The hash of a full subtree.</summary>
    private LogHash Node(int height, long index, Edge edge)
    {
        if (source is INodeSource nodes)
        {
            return nodes.ReadNode(height, index);
        }

        int level = height / LevelHeight;
        int above = height % LevelHeight;
        long first = index << above;
        long tile = first / TilePath.FullWidth;
        int offset = (int)(first % TilePath.FullWidth);
        if ((tile + 1) * TilePath.FullWidth <= edge.Hashes(level))
        {
            return _cache.Get(source, level, tile)[TileCache.Place(above, offset >> above)];
        }

        Span<LogHash> run = edge.Read(source, level).AsSpan(offset, 1 << above).ToArray();
        while (run.Length > 1)
        {
            for (int i = 0; i < run.Length / 2; i++)
            {
                run[i] = MerkleTree.HashNode(run[2 * i], run[(2 * i) + 1]);
            }

            run = run[..(run.Length / 2)];
        }

        return run[0];
    }

    /// <summary>The tiles at the right edge of a tree of one size, which are not full: at most one a level, read once.</summary>
    private sealed class Edge(long size)
    {
        private readonly LogHash[]?[] _tiles = new LogHash[]?[LevelHeight];

        internal long Hashes(int level) => size >> (level * LevelHeight);

        internal LogHash[] Read(ITileSource source, int level)
        {
            if (_tiles[level] is not { } hashes)
            {
                long count = Hashes(level);
                hashes = new LogHash[(int)(count % TilePath.FullWidth)];
                source.ReadTile(new TilePath(level, count / TilePath.FullWidth, hashes.Length), hashes);
                _tiles[level] = hashes;
            }

            return hashes;
        }
    }
}
