using System.Numerics;

namespace Agt.Audit.Merkle;

/// <summary>
/// Checks that a leaf is in a log, and that a log only grew (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Pure functions without input or output: whoever has a
/// trusted checkpoint needs nothing else. Thread-safe; malformed input gives false, never an exception.
/// </summary>
/// <remarks>A path alone does not bind the size of the log: size and root must come from one checkpoint.</remarks>
public static class Proof
{
    /// <summary>Whether a leaf stands at an index of the log that has this size and root.</summary>
    /// <param name="leaf">The bytes of the record.</param>
    /// <param name="index">Its place, from 0.</param>
    /// <param name="size">How many leaves the log has.</param>
    /// <param name="path">The siblings, from the leaf upward.</param>
    /// <param name="root">The root of the log.</param>
    public static bool Verify(ReadOnlySpan<byte> leaf, long index, long size, ReadOnlySpan<LogHash> path, LogHash root) =>
        Verify(MerkleTree.HashLeaf(leaf), index, size, path, root);

    /// <summary>Whether a leaf with this hash stands at an index of the log that has this size and root.</summary>
    public static bool Verify(LogHash leafHash, long index, long size, ReadOnlySpan<LogHash> path, LogHash root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        ulong node = (ulong)index;
        ulong last = (ulong)size - 1;
        LogHash hash = leafHash;
        foreach (LogHash sibling in path)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleTree.HashNode(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = MerkleTree.HashNode(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether the log with the second size and root is the one with the first size and root, with leaves added to its end only.</summary>
    /// <param name="first">The smaller size; at least 1, since an empty log is part of every log and a proof of it says nothing.</param>
    /// <param name="second">The larger size, or the same.</param>
    /// <param name="firstRoot">The root at the smaller size.</param>
    /// <param name="secondRoot">The root at the larger size.</param>
    /// <param name="path">The proof.</param>
    public static bool VerifyConsistency(long first, long second, LogHash firstRoot, LogHash secondRoot, ReadOnlySpan<LogHash> path)
    {
        if (first <= 0 || first > second)
        {
            return false;
        }

        if (first == second)
        {
            return path.Length == 0 && firstRoot == secondRoot;
        }

        // Where the first size is a power of two, its root is a node of the larger tree and left out of the proof.
        bool whole = BitOperations.IsPow2(first);
        if (path.Length == 0)
        {
            return false;
        }

        ulong node = (ulong)first - 1;
        ulong last = (ulong)second - 1;
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        LogHash firstHash = whole ? firstRoot : path[0];
        LogHash secondHash = firstHash;
        for (int i = whole ? 0 : 1; i < path.Length; i++)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                firstHash = MerkleTree.HashNode(path[i], firstHash);
                secondHash = MerkleTree.HashNode(path[i], secondHash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                secondHash = MerkleTree.HashNode(secondHash, path[i]);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && firstHash == firstRoot && secondHash == secondRoot;
    }
}
