using System.Numerics;
using System.Security.Cryptography;
using Agt.Audit.Merkle;

namespace Agt.Audit.Tests.Merkle;

/// <summary>The definitions of RFC 6962, section 2.1, written down as they stand there: slow, and right by inspection.</summary>
internal static class ReferenceTree
{
    internal static byte[][] Leaves { get; } =
        [.. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(Convert.FromHexString)];

    internal static LogHash Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0)
        {
            return new LogHash(SHA256.HashData([]));
        }

        if (leaves.Length == 1)
        {
            return new LogHash(SHA256.HashData([0, .. leaves[0]]));
        }

        int split = Split(leaves.Length);
        return Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    internal static LogHash[] Inclusion(int index, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        int split = Split(leaves.Length);
        return index < split
            ? [.. Inclusion(index, leaves[..split]), Root(leaves[split..])]
            : [.. Inclusion(index - split, leaves[split..]), Root(leaves[..split])];
    }

    internal static LogHash[] Consistency(int first, ReadOnlySpan<byte[]> leaves) => Subproof(first, leaves, whole: true);

    private static LogHash[] Subproof(int first, ReadOnlySpan<byte[]> leaves, bool whole)
    {
        if (first == leaves.Length)
        {
            return whole ? [] : [Root(leaves)];
        }

        int split = Split(leaves.Length);
        return first <= split
            ? [.. Subproof(first, leaves[..split], whole), Root(leaves[split..])]
            : [.. Subproof(first - split, leaves[split..], whole: false), Root(leaves[..split])];
    }

    private static int Split(int leaves) => 1 << BitOperations.Log2((uint)leaves - 1);

    private static LogHash Node(LogHash left, LogHash right)
    {
        byte[] input = new byte[65];
        input[0] = 1;
        left.CopyTo(input.AsSpan(1));
        right.CopyTo(input.AsSpan(33));
        return new LogHash(SHA256.HashData(input));
    }
}
