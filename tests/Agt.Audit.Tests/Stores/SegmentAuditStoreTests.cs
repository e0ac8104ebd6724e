using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Stores;

public sealed class SegmentAuditStoreTests : DurableAuditStoreSuite
{
    protected override IAuditStore Open() => SegmentAuditStore.Open(Path.Combine(Root, "log"), 64 * 1024);

    protected override IAuditStore OpenForReading() => SegmentAuditStore.OpenForReading(Path.Combine(Root, "log"));

    /// <summary>Something lies where the hashes over the first 256 records should go: the leaves are written, their hashes cannot be.</summary>
    protected override IDisposable Break(IAuditStore store)
    {
        string level = Path.Combine(Root, "log", "nodes", "8");
        Directory.CreateDirectory(level);
        return new Mended(() => Directory.Delete(level));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("AUD-609")]
    public void A_purge_that_was_interrupted_is_completed_when_the_log_is_opened(bool rewritten)
    {
        string segments = Path.Combine(Root, "log", "segments");
        string kept = Path.Combine(Root, "kept");
        Directory.CreateDirectory(kept);
        var batches = new Batches();
        using (IAuditStore store = Open())
        {
            batches.Fill(store, 4_000, atOnce: 300);
            store.WriteCheckpoint(Checkpoint(Key, batches.Tree));
            foreach (string file in Directory.GetFiles(segments))
            {
                File.Copy(file, Path.Combine(kept, Path.GetFileName(file)));
            }

            store.Purge(1_024);
        }

        // As a power cut may leave it: where the log begins is written, and the old files are still there, beside the new one or not.
        string begins = Path.Combine(segments, "0000000000000400.seg");
        Assert.True(File.Exists(begins));
        if (!rewritten)
        {
            File.Delete(begins);
            File.Delete(begins + ".at");
        }

        foreach (string file in Directory.GetFiles(kept))
        {
            File.Copy(file, Path.Combine(segments, Path.GetFileName(file)), overwrite: true);
        }

        using (IAuditStore reader = OpenForReading())
        {
            Assert.Equal(2_976, reader.ReadLeaves(reader.First, long.MaxValue - reader.First).Count());
        }

        using IAuditStore again = Open();
        Assert.Equal((1_024, 4_000), (again.First, again.Size));
        Assert.Equal("0000000000000400.seg", Directory.GetFiles(segments, "*.seg").Select(Path.GetFileName).Min(StringComparer.Ordinal));
        Assert.All(again.ReadLeaves(1_024, long.MaxValue - 1_024).Index(), leaf => Assert.Equal(Batches.Leaf(1_024 + leaf.Index), leaf.Item.ToArray()));
    }
}
