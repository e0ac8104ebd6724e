using System.Numerics;

namespace Agt.Audit.Merkle;

/// <summary>
/// A growing Merkle tree reduced to one hash for every set bit of its size: at most 63 hashes, whatever the number of leaves. Appending costs one hash on average.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class CompactRange
{
    private readonly LogHash[] _stack = new LogHash[64];

    /// <summary>Creates the tree without leaves.</summary>
    public CompactRange()
    {
    }

    /// <summary>Creates a tree from what is left of it.</summary>
    /// <param name="size">How many leaves it has.</param>
    /// <param name="hashes">The hash of every full subtree, largest first: one for every set bit of the size.</param>
    /// <exception cref="ArgumentException">The number of hashes does not fit the size.</exception>
    public CompactRange(long size, ReadOnlySpan<LogHash> hashes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (BitOperations.PopCount((ulong)size) != hashes.Length)
        {
            throw new ArgumentException("A tree has one hash for every set bit of its size.", nameof(hashes));
        }

        Size = size;
        for (int height = 0, next = hashes.Length; next > 0; height++)
        {
            if ((size >> height & 1) == 1)
            {
                _stack[height] = hashes[--next];
            }
        }
    }

    /// <summary>How many leaves there are.</summary>
    public long Size { get; private set; }

    /// <summary>The root.</summary>
    public LogHash Root
    {
        get
        {
            if (Size == 0)
            {
                return MerkleTree.EmptyRoot;
            }

            int height = BitOperations.TrailingZeroCount(Size);
            LogHash root = _stack[height++];
            for (; Size >> height != 0; height++)
            {
                if ((Size >> height & 1) == 1)
                {
                    root = MerkleTree.HashNode(_stack[height], root);
                }
            }

            return root;
        }
    }

    /// <summary>Adds a leaf by its hash.</summary>
    public void Append(LogHash leafHash)
    {
        var nowhere = default(Nowhere);
        Append(leafHash, ref nowhere);
    }

    internal void Append<TSink>(LogHash leafHash, ref TSink sink)
        where TSink : INodeSink
    {
        LogHash hash = leafHash;
        int height = 0;
        sink.Add(0, Size, hash);
        for (; (Size >> height & 1) == 1; height++)
        {
            hash = MerkleTree.HashNode(_stack[height], hash);
            sink.Add(height + 1, Size >> (height + 1), hash);
        }

        _stack[height] = hash;
        Size++;
    }

    private struct Nowhere : INodeSink
    {
        public readonly void Add(int height, long index, LogHash hash)
        {
        }
    }
}
