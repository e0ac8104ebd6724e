using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Audit.Tests.Stores;

/// <summary>What a store must do besides that outlives the process.</summary>
public abstract class DurableAuditStoreSuite : AuditStoreSuite
{
    /// <summary>Opens the store of the test for reading, as another process would.</summary>
    protected abstract IAuditStore OpenForReading();

    /// <summary>Makes the store fail in the midst of an append that crosses the 256th record, until the result is disposed.</summary>
    protected abstract IDisposable Break(IAuditStore store);

    [Fact]
    [Requirement("AUD-402")]
    public void A_log_goes_on_where_it_ended_when_it_is_opened_again()
    {
        var batches = new Batches();
        foreach (int size in new[] { 1, 255, 256, 257, 700, 701 })
        {
            using IAuditStore store = Open();
            Assert.Equal(batches.Tree.Size, store.Size);
            Assert.Equal(batches.Tree.Root, new TileTree(store).Root(store.Size));
            batches.Fill(store, size, atOnce: 90);
        }

        using IAuditStore last = Open();
        Assert.Equal(701, last.Size);
        Assert.All(last.ReadLeaves(0, long.MaxValue).Index(), leaf => Assert.Equal(Batches.Leaf(leaf.Index), leaf.Item.ToArray()));
        Assert.Equal(batches.Tree.Root, new TileTree(last).Frontier(701).Root);
    }

    [Fact]
    [Requirement("AUD-308")]
    public void A_checkpoint_is_replaced_as_a_whole_and_is_there_when_the_log_is_opened_again()
    {
        byte[] second;
        using (IAuditStore store = Open())
        {
            var batches = new Batches();
            batches.Fill(store, 9);
            byte[] first = Checkpoint(Key, batches.Tree);
            store.WriteCheckpoint(first);
            Assert.Equal(first, store.ReadCheckpoint().ToArray());
            batches.Fill(store, 10);
            second = Checkpoint(Key, batches.Tree);
            store.WriteCheckpoint(second);
            store.WriteCheckpoint(second);
            Assert.Equal(second, store.ReadCheckpoint().ToArray());
        }

        using IAuditStore again = Open();
        Assert.Equal(second, again.ReadCheckpoint().ToArray());
    }

    [Fact]
    [Requirement("AUD-412")]
    public void A_second_writer_is_refused_until_the_first_one_is_gone()
    {
        using (IAuditStore first = Open())
        {
            new Batches().Fill(first, 10);
            AuditStoreException refused = Assert.Throws<AuditStoreException>(Open);
            Assert.Equal(AuditStoreProblem.Locked, refused.Problem);
            Assert.Equal(10, first.Size);
        }

        using IAuditStore second = Open();
        Assert.Equal(10, second.Size);
    }

    [Fact]
    public void A_reader_beside_the_writer_sees_the_log_and_cannot_write()
    {
        using IAuditStore writer = Open();
        var batches = new Batches();
        batches.Fill(writer, 600);
        byte[] checkpoint = Checkpoint(Key, batches.Tree);
        writer.WriteCheckpoint(checkpoint);
        using IAuditStore reader = OpenForReading();
        Assert.Equal(600, reader.Size);
        Assert.Equal(batches.Tree.Root, new TileTree(reader).Root(600));
        Assert.Equal(600, reader.ReadLeaves(0, long.MaxValue).Count());
        Assert.Equal(checkpoint, reader.ReadCheckpoint().ToArray());
        Assert.Throws<InvalidOperationException>(() => reader.Append(batches.Next(1)));
        Assert.Throws<InvalidOperationException>(() => reader.WriteCheckpoint(checkpoint));
    }

    [Fact]
    [Requirement("AUD-308")]
    public void A_reader_never_finds_a_checkpoint_of_more_records_than_it_sees()
    {
        using IAuditStore writer = Open();
        var batches = new Batches();
        batches.Fill(writer, 10);
        writer.WriteCheckpoint(Checkpoint(Key, batches.Tree));
        using IAuditStore reader = OpenForReading();
        batches.Fill(writer, 20);
        writer.WriteCheckpoint(Checkpoint(Key, batches.Tree));
        Assert.True(Agt.Audit.Notes.SignedCheckpoint.TryParse(reader.ReadCheckpoint().Span, out Agt.Audit.Notes.SignedCheckpoint? checkpoint, out _));
        Assert.InRange(checkpoint.Checkpoint.Size, 10, reader.Size);
        Assert.Equal(reader.Size, reader.ReadLeaves(0, long.MaxValue).Count());
    }

    [Fact]
    [Requirement("AUD-409", "AUD-205")]
    public void After_an_append_that_failed_nothing_of_it_counts_and_it_can_be_tried_again()
    {
        var batches = new Batches();
        using (IAuditStore store = Open())
        {
            batches.Fill(store, 250);
            AuditBatch batch = batches.Next(300);
            using (Break(store))
            {
                Assert.ThrowsAny<IOException>(() => store.Append(batch));
                Assert.Equal(250, store.Size);
                Assert.Equal(250, store.ReadLeaves(0, long.MaxValue).Count());
            }

            store.Append(batch);
            Assert.Equal(550, store.Size);
            batches.Fill(store, 600);
        }

        using IAuditStore again = Open();
        Assert.Equal(600, again.Size);
        Assert.All(again.ReadLeaves(0, long.MaxValue).Index(), leaf => Assert.Equal(Batches.Leaf(leaf.Index), leaf.Item.ToArray()));
        Assert.Equal(batches.Tree.Root, new TileTree(again).Root(600));
    }

    [Fact]
    [Requirement("AUD-406")]
    public void What_failed_does_not_come_back_behind_what_was_written_instead()
    {
        var batches = new Batches();
        using (IAuditStore store = Open())
        {
            batches.Fill(store, 250);
            var other = new Batches(new TileTree(store).Frontier(250));
            using (Break(store))
            {
                Assert.ThrowsAny<IOException>(() => store.Append(other.Next(10)));
            }

            store.Append(batches.Next(1));
        }

        using IAuditStore again = Open();
        Assert.Equal(251, again.Size);
        Assert.Equal(batches.Tree.Root, new TileTree(again).Root(251));
    }

    [Fact]
    [Requirement("AUD-609")]
    public void A_log_that_was_purged_is_opened_again_where_it_begins()
    {
        var batches = new Batches();
        using (IAuditStore store = Open())
        {
            batches.Fill(store, 2_000, atOnce: 300);
            store.WriteCheckpoint(Checkpoint(Key, batches.Tree));
            store.Purge(1_792);
        }

        using (IAuditStore reader = OpenForReading())
        {
            Assert.Equal((1_792, 2_000), (reader.First, reader.Size));
        }

        using IAuditStore again = Open();
        Assert.Equal((1_792, 2_000), (again.First, again.Size));
        batches.Fill(again, 2_100);
        Assert.Equal(batches.Tree.Root, new TileTree(again).Root(2_100));
        Assert.All(again.ReadLeaves(1_792, 308).Index(), leaf => Assert.Equal(Batches.Leaf(1_792 + leaf.Index), leaf.Item.ToArray()));
    }
}
