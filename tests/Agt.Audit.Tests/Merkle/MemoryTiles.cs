using Agt.Audit.Merkle;
using Agt.Audit.Tiles;

namespace Agt.Audit.Tests.Merkle;

/// <summary>Tiles in memory, as a growing tree leaves them; counts what is read.</summary>
internal sealed class MemoryTiles : ITileSource
{
    private readonly List<List<LogHash>> _levels = [];

    internal CompactRange Tree { get; } = new();

    internal int Reads { get; private set; }

    internal void Add(ReadOnlySpan<byte> leaf) => Add(MerkleTree.HashLeaf(leaf));

    internal void Add(LogHash leaf)
    {
        var sink = new Sink(_levels);
        Tree.Append(leaf, ref sink);
    }

    public void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        Reads++;
        for (int i = 0; i < path.Width; i++)
        {
            hashes[i] = _levels[path.Level][(int)((path.Index * TilePath.FullWidth) + i)];
        }
    }

    private readonly struct Sink(List<List<LogHash>> levels) : INodeSink
    {
        public void Add(int height, long index, LogHash hash)
        {
            if (height % 8 != 0)
            {
                return;
            }

            int level = height / 8;
            if (level == levels.Count)
            {
                levels.Add([]);
            }

            levels[level].Add(hash);
        }
    }
}
