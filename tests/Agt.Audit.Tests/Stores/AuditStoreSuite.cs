using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Merkle;
using Agt.Audit.Tiles;
using Agt.Audit.Verification;

namespace Agt.Audit.Tests.Stores;

/// <summary>What every store of a log must do, whatever it keeps the log in.</summary>
public abstract class AuditStoreSuite : IDisposable
{
    protected AuditStoreSuite() => Root = Directory.CreateTempSubdirectory("agt-store-").FullName;

    /// <summary>The key of the test's log.</summary>
    internal AuditKey Key { get; } = AuditKey.Create("log.example/suite");

    /// <summary>A directory for the test.</summary>
    protected string Root { get; }

    /// <summary>Opens the one store of the test for writing; makes it first if it is not there.</summary>
    protected abstract IAuditStore Open();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Key.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    [Fact]
    [Requirement("AUD-402", "AUD-320")]
    public void The_same_leaves_give_the_same_roots_proofs_and_tiles_as_the_tree_in_memory()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        var expected = new MemoryTiles();
        var reference = new TileTree(expected);
        foreach (int size in new[] { 1, 2, 255, 256, 257, 511, 513, 1_000, 65_535, 65_536, 65_537, 66_000 })
        {
            batches.Fill(store, size);
            while (expected.Tree.Size < size)
            {
                expected.Add(Batches.Leaf(expected.Tree.Size));
            }

            var tree = new TileTree(store);
            Assert.Equal(size, store.Size);
            Assert.Equal(expected.Tree.Root, tree.Root(size));
            Assert.Equal(batches.Tree.Root, tree.Frontier(size).Root);
            foreach (long index in new long[] { 0, size / 2, size - 1 })
            {
                LogHash[] path = tree.Inclusion(index, size);
                Assert.Equal(reference.Inclusion(index, size), path);
                Assert.True(Proof.Verify(Batches.Leaf(index), index, size, path, batches.Tree.Root));
            }

            foreach (long first in new long[] { 1, (size / 3) + 1, size })
            {
                Assert.Equal(reference.Consistency(first, size), tree.Consistency(first, size));
            }

            AssertSameTiles(store, expected, size);
        }
    }

    [Fact]
    [Requirement("AUD-205")]
    public void Leaves_come_back_in_order_from_any_place_and_end_where_the_log_ends()
    {
        using IAuditStore store = Open();
        Assert.Equal(0, store.Size);
        Assert.Empty(store.ReadLeaves(0, 10));
        Assert.True(store.ReadCheckpoint().IsEmpty);
        var batches = new Batches();
        batches.Fill(store, 3_000, atOnce: 177);
        foreach ((long first, long count) in new (long, long)[] { (0, long.MaxValue), (0, 1), (255, 3), (1_234, 999), (2_999, 1), (2_999, 50), (3_000, 5), (10_000, 5), (7, 0) })
        {
            byte[][] leaves = [.. store.ReadLeaves(first, count).Select(leaf => leaf.ToArray())];
            Assert.Equal(Math.Max(0, Math.Min(count, 3_000 - first)), leaves.Length);
            Assert.All(leaves.Index(), leaf => Assert.Equal(Batches.Leaf(first + leaf.Index), leaf.Item));
        }
    }

    [Fact]
    public void Ranges_and_tiles_that_cannot_be_are_refused()
    {
        using IAuditStore store = Open();
        new Batches().Fill(store, 300);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ReadLeaves(-1, 1).Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => store.ReadLeaves(0, -1).Count());
        LogHash[] room = new LogHash[256];
        foreach (TilePath missing in new TilePath[] { new(0, 1, 45), new(0, 2, 1), new(1, 0, 2), new(2, 0, 1), new(9, 0, 1), new(-1, 0, 1), new(0, -1, 1) })
        {
            Assert.Throws<InvalidDataException>(() => store.ReadTile(missing, room));
        }
    }

    [Fact]
    [Requirement("AUD-205")]
    public void A_batch_that_does_not_go_on_where_the_log_ends_is_refused_and_changes_nothing()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        batches.Fill(store, 300);
        AuditBatch next = batches.Next(5);
        AuditBatch gap = batches.Next(5);
        Assert.Throws<ArgumentException>(() => store.Append(gap));
        store.Append(next);
        Assert.Throws<ArgumentException>(() => store.Append(next));
        store.Append(gap);
        Assert.Equal(310, store.Size);
        Assert.Equal(batches.Tree.Root, new TileTree(store).Root(310));
        Assert.Equal(310, store.ReadLeaves(0, long.MaxValue).Count());
    }

    [Fact]
    [Requirement("AUD-113")]
    public void Leaves_of_any_length_up_to_the_longest_come_back_as_they_were()
    {
        using IAuditStore store = Open();
        var random = new Random(3);
        byte[][] leaves = [.. new[] { 0, 1, 7, 4_096, 65_535, 2, 65_534, 0, 65_535 }.Select(length => { byte[] leaf = new byte[length]; random.NextBytes(leaf); return leaf; })];
        var batches = new Batches();
        store.Append(batches.Next(leaves[..4]));
        store.Append(batches.Next(leaves[4..]));
        Assert.Equal(leaves, store.ReadLeaves(0, 100).Select(leaf => leaf.ToArray()));
        Assert.Equal(leaves[4..6], store.ReadLeaves(4, 2).Select(leaf => leaf.ToArray()));
        Assert.Equal(batches.Tree.Root, new TileTree(store).Root(leaves.Length));
    }

    [Fact]
    public async Task Readers_see_what_has_been_appended_while_a_writer_goes_on()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        batches.Fill(store, 100);
        using var done = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            int rounds = 0;
            while (!done.IsCancellationRequested || rounds == 0)
            {
                long size = store.Size;
                long index = random.NextInt64(size);
                Assert.Equal(Batches.Leaf(index), Assert.Single(store.ReadLeaves(index, 1)).ToArray());
                var tree = new TileTree(store, keptTiles: 0);
                Assert.True(Proof.Verify(Batches.Leaf(index), index, size, tree.Inclusion(index, size), tree.Root(size)));
                rounds++;
            }
        }))];
        for (int i = 0; i < 60; i++)
        {
            batches.Fill(store, store.Size + 37);
            store.WriteCheckpoint(Checkpoint(Key, batches.Tree));
        }

        await done.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(100 + (60 * 37), store.Size);
    }

    [Fact]
    [Requirement("AUD-402", "AUD-214")]
    public async Task A_log_that_was_kept_in_it_is_verified_leaf_by_leaf()
    {
        IAuditStore store = Open();
        await using (AuditLog log = AuditLog.Open(new KeptOpen(store), Key, Options(Key)))
        {
            await Task.WhenAll(Enumerable.Range(0, 700).Select(i => log.AppendAsync(Log.LogFixture.Event(i)).AsTask()));
        }

        using (store)
        {
            LogVerification result = new LogVerifier(store, TrustPolicy.Of(Key.Key)).Verify(TestContext.Current.CancellationToken);
            Assert.True(result.IsValid, result.Error);
            Assert.Equal(702, result.EntriesVerified);
        }
    }

    [Fact]
    [Requirement("AUD-406")]
    public void A_log_that_is_shorter_than_its_checkpoint_is_not_opened()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        batches.Fill(store, 20);
        batches.Next(5);
        store.WriteCheckpoint(Checkpoint(Key, batches.Tree));
        Assert.Equal(AuditStoreProblem.Truncated, Assert.Throws<AuditStoreException>(() => AuditLog.Open(store, Key, Options(Key))).Problem);
    }

    [Fact]
    [Requirement("AUD-215")]
    public void A_log_that_has_not_the_root_of_its_checkpoint_is_not_opened()
    {
        using IAuditStore store = Open();
        new Batches().Fill(store, 20);
        var other = new Batches();
        other.Next([.. Enumerable.Range(0, 20).Select(i => Batches.Leaf(i + 1))]);
        store.WriteCheckpoint(Checkpoint(Key, other.Tree));
        Assert.Equal(AuditStoreProblem.Tampered, Assert.Throws<AuditStoreException>(() => AuditLog.Open(store, Key, Options(Key))).Problem);
    }

    internal static AuditOptions Options(AuditKey key) => new() { Origin = key.Key.Name, CheckpointInterval = TimeSpan.FromHours(1), AppendDeadline = TimeSpan.FromMinutes(1) };

    internal static byte[] Checkpoint(AuditKey key, CompactRange tree)
    {
        string text = new Checkpoint(key.Key.Name, tree.Size, tree.Root).ToString();
        return new SignedNote(text, [new NoteSignature(key.Key.Name, key.Key.KeyId, key.Sign(text))]).ToUtf8();
    }

    private static void AssertSameTiles(IAuditStore store, MemoryTiles expected, long size)
    {
        LogHash[] ours = new LogHash[256];
        LogHash[] theirs = new LogHash[256];
        for (int level = 0; size >> (8 * level) > 0; level++)
        {
            long hashes = size >> (8 * level);
            long last = (hashes - 1) / 256;
            foreach (long index in new[] { 0, last / 2, last })
            {
                var path = new TilePath(level, index, (int)Math.Min(256, hashes - (256 * index)));
                store.ReadTile(path, ours);
                expected.ReadTile(path, theirs);
                Assert.Equal(theirs[..path.Width], ours[..path.Width]);
            }
        }
    }

    /// <summary>A store that a log does not close.</summary>
    private sealed class KeptOpen(IAuditStore store) : IAuditStore
    {
        public long Size => store.Size;

        public void Append(AuditBatch batch) => store.Append(batch);

        public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count) => store.ReadLeaves(first, count);

        public ReadOnlyMemory<byte> ReadCheckpoint() => store.ReadCheckpoint();

        public void WriteCheckpoint(ReadOnlySpan<byte> note) => store.WriteCheckpoint(note);

        public void ReadTile(TilePath path, Span<LogHash> hashes) => store.ReadTile(path, hashes);

        public void Dispose()
        {
        }
    }

    [Fact]
    [Requirement("AUD-609")]
    public void What_was_purged_is_gone_and_every_proof_among_the_rest_stays()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        batches.Fill(store, 3_000, atOnce: 300);
        var before = new TileTree(store);
        LogHash[] inclusion = before.Inclusion(2_900, 3_000);
        LogHash[] consistency = before.Consistency(100, 3_000);
        foreach (long first in new long[] { 256, 256, 0, 1_024, 2_816 })
        {
            store.Purge(first);
        }

        Assert.Equal(2_816, store.First);
        Assert.Equal(3_000, store.Size);
        Assert.Throws<InvalidDataException>(() => store.ReadLeaves(2_815, 1));
        Assert.Throws<InvalidDataException>(() => store.ReadLeaves(0, 3_000));
        Assert.All(store.ReadLeaves(2_816, long.MaxValue - 2_816).Index(), leaf => Assert.Equal(Batches.Leaf(2_816 + leaf.Index), leaf.Item.ToArray()));
        batches.Fill(store, 3_300, atOnce: 100);
        var after = new TileTree(store);
        Assert.Equal(inclusion, after.Inclusion(2_900, 3_000));
        Assert.Equal(consistency, after.Consistency(100, 3_000));
        Assert.Equal(batches.Tree.Root, after.Root(3_300));
        Assert.Equal(484, store.ReadLeaves(2_816, 10_000).Count());
        foreach (long first in new long[] { -256, 100, 3_328, 1_000_192 })
        {
            Assert.Throws<ArgumentException>(() => store.Purge(first));
        }
    }
}
