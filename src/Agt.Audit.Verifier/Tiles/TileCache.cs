using Agt.Audit.Merkle;

namespace Agt.Audit.Tiles;

/// <summary>Full tiles with the nodes inside them worked out, the latest first to stay. Thread-safe.</summary>
internal sealed class TileCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Level, long Index), LinkedListNode<((int Level, long Index) Key, LogHash[] Nodes)>> _tiles = [];
    private readonly LinkedList<((int Level, long Index) Key, LogHash[] Nodes)> _latest = new();

    /// <summary>Where a node of a tile stands: all of one height behind those of the height below.</summary>
    internal static int Place(int height, int index) => (2 * TilePath.FullWidth) - ((2 * TilePath.FullWidth) >> height) + index;

    internal LogHash[] Get(ITileSource source, int level, long index)
    {
        lock (_lock)
        {
            if (_tiles.TryGetValue((level, index), out LinkedListNode<((int, long), LogHash[] Nodes)>? found))
            {
                _latest.Remove(found);
                _latest.AddFirst(found);
                return found.Value.Nodes;
            }
        }

        LogHash[] nodes = Read(source, level, index);
        if (capacity > 0)
        {
            Keep((level, index), nodes);
        }

        return nodes;
    }

    private static LogHash[] Read(ITileSource source, int level, long index)
    {
        var nodes = new LogHash[(2 * TilePath.FullWidth) - 1];
        source.ReadTile(new TilePath(level, index, TilePath.FullWidth), nodes.AsSpan(0, TilePath.FullWidth));
        for (int from = 0, to = TilePath.FullWidth; to < nodes.Length; from += 2, to++)
        {
            nodes[to] = MerkleTree.HashNode(nodes[from], nodes[from + 1]);
        }

        return nodes;
    }

    private void Keep((int, long) key, LogHash[] nodes)
    {
        lock (_lock)
        {
            if (_tiles.ContainsKey(key))
            {
                return;
            }

            _tiles[key] = _latest.AddFirst((key, nodes));
            if (_tiles.Count > capacity)
            {
                _tiles.Remove(_latest.Last!.Value.Key);
                _latest.RemoveLast();
            }
        }
    }
}
