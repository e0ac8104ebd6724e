using Agt.Audit.Merkle;
using Agt.Audit.Tiles;

namespace Agt.Audit.Tests.Merkle;

public sealed class MerkleTests
{
    private static readonly byte[][] Many = [.. Enumerable.Range(0, 700).Select(i => BitConverter.GetBytes(i))];

    [Theory]
    [Requirement("AUD-201", "AUD-202", "AUD-203", "AUD-204", "AUD-206")]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void The_leaves_of_the_rfc_have_its_roots(int size, string root)
    {
        var tree = new CompactRange();
        for (int i = 0; i < size; i++)
        {
            tree.Append(MerkleTree.HashLeaf(ReferenceTree.Leaves[i]));
        }

        Assert.Equal(root, tree.Root.ToString());
        Assert.Equal(root, ReferenceTree.Root(ReferenceTree.Leaves.AsSpan(0, size)).ToString());
    }

    [Fact]
    [Requirement("AUD-206", "AUD-207", "AUD-208", "AUD-211")]
    public void Trees_and_proofs_are_those_of_the_definition_at_every_size()
    {
        var tiles = new MemoryTiles();
        foreach (byte[] leaf in Many)
        {
            tiles.Add(leaf);
        }

        var tree = new TileTree(tiles);
        foreach (int size in Enumerable.Range(1, 70).Concat([255, 256, 257, 511, 512, 513, 640, 700]))
        {
            ReadOnlySpan<byte[]> leaves = Many.AsSpan(0, size);
            LogHash root = ReferenceTree.Root(leaves);
            Assert.Equal(root, tree.Root(size));
            Assert.Equal(root, tree.Frontier(size).Root);
            foreach (int index in new[] { 0, 1, size / 3, size / 2, size - 2, size - 1 }.Where(i => i >= 0 && i < size))
            {
                LogHash[] path = tree.Inclusion(index, size);
                Assert.Equal(ReferenceTree.Inclusion(index, leaves), path);
                Assert.True(Proof.Verify(Many[index], index, size, path, root));
            }

            foreach (int first in new[] { 1, 2, (size / 2) + 1, size - 1, size }.Where(i => i >= 1 && i <= size))
            {
                LogHash[] path = tree.Consistency(first, size);
                Assert.Equal(ReferenceTree.Consistency(first, leaves), path);
                Assert.True(Proof.VerifyConsistency(first, size, ReferenceTree.Root(leaves[..first]), root, path));
            }
        }

        Assert.Empty(tree.Inclusion(0, 1));
        Assert.Equal(3, tree.Inclusion(3, 7).Length);
    }

    [Fact]
    [Requirement("AUD-210", "AUD-213")]
    public void Only_the_leaf_the_place_the_size_the_path_and_the_root_of_one_tree_go_together()
    {
        var tiles = new MemoryTiles();
        foreach (byte[] leaf in ReferenceTree.Leaves)
        {
            tiles.Add(leaf);
        }

        var tree = new TileTree(tiles);
        for (int size = 1; size <= 8; size++)
        {
            for (int index = 0; index < size; index++)
            {
                byte[] leaf = ReferenceTree.Leaves[index];
                LogHash root = tree.Root(size);
                LogHash[] path = tree.Inclusion(index, size);
                Assert.True(Proof.Verify(leaf, index, size, path, root));
                foreach ((string what, long badIndex, long badSize, LogHash[] badPath, LogHash badRoot) in Corrupt(index, size, path, root))
                {
                    Assert.False(Proof.Verify(leaf, badIndex, badSize, badPath, badRoot), $"{what} at {index} of {size}");
                }

                Assert.False(Proof.Verify([.. leaf, 0], index, size, path, root));
                Assert.False(Proof.Verify(root, index, size, path, MerkleTree.HashNode(root, root)));
            }
        }

        static IEnumerable<(string, long, long, LogHash[], LogHash)> Corrupt(long index, long size, LogHash[] path, LogHash root)
        {
            LogHash other = MerkleTree.HashLeaf("another"u8);
            yield return ("index - 1", index - 1, size, path, root);
            yield return ("index + 1", index + 1, size, path, root);
            yield return ("index ^ 2", index ^ 2, size, path, root);
            yield return ("index past the end", size, size, path, root);
            yield return ("negative size", index, -size, path, root);
            yield return ("size * 2", index, size * 2, path, root);
            yield return ("other root", index, size, path, other);
            yield return ("empty root", index, size, path, MerkleTree.EmptyRoot);
            yield return ("root appended", index, size, [.. path, root], root);
            yield return ("root first", index, size, [root, .. path], root);
            yield return ("garbage appended", index, size, [.. path, other], root);
            yield return ("garbage first", index, size, [other, .. path], root);
            yield return ("no hash as sibling", index, size, [.. path, default], root);
            if (path.Length > 0)
            {
                yield return ("last hash missing", index, size, path[..^1], root);
                yield return ("first hash missing", index, size, path[1..], root);
                for (int i = 0; i < path.Length; i++)
                {
                    yield return ("flipped bit", index, size, [.. path[..i], Flip(path[i]), .. path[(i + 1)..]], root);
                }
            }
        }
    }

    [Fact]
    [Requirement("AUD-211", "AUD-212", "AUD-215")]
    public void A_log_that_did_not_only_grow_has_no_proof_of_it()
    {
        var tiles = new MemoryTiles();
        foreach (byte[] leaf in ReferenceTree.Leaves)
        {
            tiles.Add(leaf);
        }

        var tree = new TileTree(tiles);
        LogHash other = MerkleTree.HashLeaf("another"u8);
        for (int second = 1; second <= 8; second++)
        {
            for (int first = 1; first <= second; first++)
            {
                LogHash a = tree.Root(first);
                LogHash b = tree.Root(second);
                LogHash[] path = tree.Consistency(first, second);
                Assert.True(Proof.VerifyConsistency(first, second, a, b, path));
                Assert.False(Proof.VerifyConsistency(first, second, other, b, path));
                Assert.False(Proof.VerifyConsistency(first, second, a, other, path));
                Assert.False(Proof.VerifyConsistency(first, second, a, b, [.. path, other]));
                Assert.False(Proof.VerifyConsistency(first, second, a, b, [other, .. path]));
                Assert.False(Proof.VerifyConsistency(first, second, a, b, [a, .. path]));
                Assert.False(Proof.VerifyConsistency(0, second, MerkleTree.EmptyRoot, b, path));
                Assert.False(Proof.VerifyConsistency(second + 1, second, a, b, path));
                if (first < second)
                {
                    Assert.False(Proof.VerifyConsistency(first, second, b, a, path));
                    Assert.False(Proof.VerifyConsistency(first, second, a, b, []));
                    Assert.False(Proof.VerifyConsistency(first - 1, second, a, b, path));
                    Assert.False(Proof.VerifyConsistency(first, second * 2, a, b, path));
                    Assert.False(Proof.VerifyConsistency(first, second, a, b, path.AsSpan(0, path.Length - 1)));
                    for (int i = 0; i < path.Length; i++)
                    {
                        Assert.False(Proof.VerifyConsistency(first, second, a, b, [.. path[..i], Flip(path[i]), .. path[(i + 1)..]]));
                    }
                }
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Consistency(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Inclusion(8, 8));
    }

    [Fact]
    [Requirement("AUD-216")]
    public void A_proof_reads_two_tiles_a_level_at_most()
    {
        var tiles = new MemoryTiles();
        for (int i = 0; i < 70_000; i++)
        {
            tiles.Add(BitConverter.GetBytes(i));
        }

        foreach (int size in new[] { 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000 })
        {
            foreach (int index in new[] { 0, size / 2, size - 1 })
            {
                int before = tiles.Reads;
                new TileTree(tiles, keptTiles: 16).Inclusion(index, size);
                Assert.InRange(tiles.Reads - before, 0, (2 * (int)Math.Ceiling(Math.Log(size, 256))) + 2);
            }
        }
    }

    [Theory]
    [Requirement("AUD-319", "AUD-320")]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 999, 256, "tile/0/999")]
    [InlineData(1, 1_000, 256, "tile/1/x001/000")]
    [InlineData(0, 1_234_067, 256, "tile/0/x001/x234/067")]
    [InlineData(2, 0, 1, "tile/2/000.p/1")]
    [InlineData(-1, 273, 112, "tile/entries/273.p/112")]
    public void Tiles_lie_where_the_standard_says(int level, long index, int width, string path)
    {
        var tile = new TilePath(level, index, width);
        Assert.Equal(path, tile.ToString());
        Assert.True(TilePath.TryParse(path, out TilePath read));
        Assert.Equal(tile, read);
    }

    [Theory]
    [Requirement("AUD-319")]
    [InlineData("tile/0/1")]
    [InlineData("tile/0/0001")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/00/001")]
    [InlineData("tile/64/001")]
    [InlineData("tile/-1/001")]
    [InlineData("tile/0/001.p/0")]
    [InlineData("tile/0/001.p/256")]
    [InlineData("tile/0/001.p/07")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/001/002")]
    [InlineData("tile/0/../../checkpoint")]
    [InlineData("tile/0")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    public void What_is_no_path_of_a_tile_is_refused(string path) => Assert.False(TilePath.TryParse(path, out _));

    [Fact]
    [Requirement("AUD-321")]
    public void A_bundle_gives_back_its_entries_and_says_where_it_is_cut_off()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        byte[][] entries = [[], [1], new byte[EntryBundle.MaxEntryBytes]];
        foreach (byte[] entry in entries)
        {
            EntryBundle.Write(output, entry);
        }

        Assert.Throws<ArgumentException>(() => EntryBundle.Write(output, new byte[EntryBundle.MaxEntryBytes + 1]));
        ReadOnlySpan<byte> bundle = output.WrittenSpan;
        foreach (byte[] entry in entries)
        {
            Assert.True(EntryBundle.TryRead(ref bundle, out ReadOnlySpan<byte> read));
            Assert.Equal(entry, read.ToArray());
        }

        Assert.False(EntryBundle.TryRead(ref bundle, out _));
        Assert.True(bundle.IsEmpty);
        ReadOnlySpan<byte> cut = output.WrittenSpan[..4];
        Assert.True(EntryBundle.TryRead(ref cut, out _));
        Assert.False(EntryBundle.TryRead(ref cut, out _));
        Assert.False(cut.IsEmpty);
    }

    private static LogHash Flip(LogHash hash)
    {
        byte[] bytes = new byte[LogHash.Size];
        hash.CopyTo(bytes);
        bytes[7] ^= 0x10;
        return new LogHash(bytes);
    }
}
