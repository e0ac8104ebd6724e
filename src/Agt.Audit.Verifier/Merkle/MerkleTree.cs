using System.Buffers;
using System.Security.Cryptography;

namespace Agt.Audit.Merkle;

/// <summary>The hashes of a Merkle tree by RFC 6962, section 2.1. Pure functions; thread-safe.</summary>
public static class MerkleTree
{
    private const int Stack = 1_024;

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static LogHash EmptyRoot { get; } = new(SHA256.HashData([]));

    /// <summary>The hash of a leaf: SHA-256 of a zero byte and the leaf.</summary>
    public static LogHash HashLeaf(ReadOnlySpan<byte> leaf)
    {
        byte[]? rented = leaf.Length >= Stack ? ArrayPool<byte>.Shared.Rent(leaf.Length + 1) : null;
        Span<byte> input = rented is null ? stackalloc byte[Stack] : rented;
        input[0] = 0;
        leaf.CopyTo(input[1..]);
        Span<byte> hash = stackalloc byte[LogHash.Size];
        SHA256.HashData(input[..(leaf.Length + 1)], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return new LogHash(hash);
    }

    /// <summary>The hash of an inner node: SHA-256 of a one byte and both hashes below it.</summary>
    public static LogHash HashNode(LogHash left, LogHash right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * LogHash.Size)];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + LogHash.Size)..]);
        Span<byte> hash = stackalloc byte[LogHash.Size];
        SHA256.HashData(input, hash);
        return new LogHash(hash);
    }
}
