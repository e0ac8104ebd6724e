using Agt.Audit.Merkle;

namespace Agt.Audit.Stores;

/// <summary>Records that become durable together: the leaves, their hashes and what the tree gained with them. Valid during the call it is handed to; not thread-safe.</summary>
public sealed class AuditBatch : INodeSink
{
    private readonly List<int> _ends = [];
    private readonly List<LogHash> _hashes = [];
    private readonly List<TileHash> _tileHashes = [];
    private readonly List<NodeHash> _nodes = [];
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    internal AuditBatch()
    {
    }

    /// <summary>The index of the first leaf.</summary>
    public long FirstIndex { get; private set; }

    /// <summary>How many leaves there are.</summary>
    public int Count => _ends.Count;

    /// <summary>How many bytes the leaves have together.</summary>
    public int Bytes => _length;

    /// <summary>What is added to the levels of tiles, in order within each level. Level 0 has the hashes of the leaves.</summary>
    public IReadOnlyList<TileHash> TileHashes => _tileHashes;

    /// <summary>The bytes of a leaf.</summary>
    /// <param name="at">Its place in the batch, from 0.</param>
    public ReadOnlySpan<byte> Leaf(int at)
    {
        int start = at == 0 ? 0 : _ends[at - 1];
        return _bytes.AsSpan(start, _ends[at] - start);
    }

    /// <summary>The hash of a leaf.</summary>
    /// <param name="at">Its place in the batch, from 0.</param>
    public LogHash LeafHash(int at) => _hashes[at];

    /// <summary>Every node that became full, tiles and between them.</summary>
    internal IReadOnlyList<NodeHash> Nodes => _nodes;

    void INodeSink.Add(int height, long index, LogHash hash)
    {
        _nodes.Add(new NodeHash(height, index, hash));
        if (height % 8 == 0)
        {
            _tileHashes.Add(new TileHash(height / 8, index, hash));
        }
    }

    /// <summary>Makes sure that the batch goes on where a log ends.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    internal void RequireAt(long size)
    {
        if (FirstIndex != size)
        {
            throw new ArgumentException($"The batch begins with record {FirstIndex}; the log has {size} records.");
        }
    }

    internal void Begin(long firstIndex)
    {
        FirstIndex = firstIndex;
        _ends.Clear();
        _hashes.Clear();
        _tileHashes.Clear();
        _nodes.Clear();
        _length = 0;
    }

    internal void Add(ReadOnlySpan<byte> leaf)
    {
        if (_bytes.Length - _length < leaf.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + leaf.Length));
        }

        leaf.CopyTo(_bytes.AsSpan(_length));
        _length += leaf.Length;
        _ends.Add(_length);
    }

    /// <summary>Hashes the leaves into a tree.</summary>
    internal void Integrate(CompactRange tree)
    {
        AuditBatch sink = this;
        for (int at = _hashes.Count; at < _ends.Count; at++)
        {
            LogHash hash = MerkleTree.HashLeaf(Leaf(at));
            _hashes.Add(hash);
            tree.Append(hash, ref sink);
        }
    }

    /// <summary>A node of the tree.</summary>
    internal readonly record struct NodeHash(int Height, long Index, LogHash Hash);
}
