using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Signing;
using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Log;

public sealed class AuditLogTests
{
    [Fact]
    [Requirement("AUD-205", "AUD-206", "AUD-208", "AUD-309", "AUD-310")]
    public async Task A_record_is_durable_proven_and_there_again_when_the_log_is_opened_again()
    {
        using var fixture = new LogFixture();
        Receipt receipt;
        Checkpoint before;
        await using (AuditLog log = fixture.Open())
        {
            Assert.Equal(0, log.Checkpoint.Checkpoint.Size);
            Assert.Equal(MerkleTree.EmptyRoot, log.Checkpoint.Checkpoint.Root);
            long[] indexes = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => log.AppendAsync(LogFixture.Event(i)).AsTask()));
            Assert.Equal(Enumerable.Range(1, 1_000).Select(i => (long)i), indexes);
            receipt = log.Prove(500);
            before = log.Checkpoint.Checkpoint;
            Assert.Equal(1_001, before.Size);
        }

        Assert.True(receipt.Verify(receipt.Extra.Span, TrustPolicy.Of(fixture.Verifier), out string? error), error);
        Assert.Contains("act-499", Encoding.UTF8.GetString(receipt.Extra.Span), StringComparison.Ordinal);
        await using AuditLog again = fixture.Open();
        Assert.Equal(1_002, again.Checkpoint.Checkpoint.Size);
        await again.AppendAsync(LogFixture.Event(2_000));
        Checkpoint after = again.Publish().Checkpoint;
        Assert.True(Proof.VerifyConsistency(before.Size, after.Size, before.Root, after.Root, [.. again.ProveConsistency(before.Size, after.Size)]));
        Assert.Equal(receipt.Extra.ToArray(), again.Read(500, 1).Single().ToArray());
    }

    [Fact]
    [Requirement("AUD-402", "AUD-206")]
    public async Task The_same_records_have_the_same_root_in_every_store()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(300);
        using SegmentAuditStore segments = SegmentAuditStore.OpenForReading(fixture.LogPath);
        using var memory = new MemoryAuditStore();
        var tree = new CompactRange();
        var batch = new AuditBatch();
        batch.Begin(0);
        foreach (ReadOnlyMemory<byte> leaf in segments.ReadLeaves(0, long.MaxValue))
        {
            batch.Add(leaf.Span);
        }

        batch.Integrate(tree);
        memory.Append(batch);
        Assert.Equal(segments.Size, memory.Size);
        Assert.Equal(new Tiles.TileTree(segments).Root(segments.Size), new Tiles.TileTree(memory).Root(memory.Size));
        Assert.Equal(tree.Root, new Tiles.TileTree(segments).Root(segments.Size));
    }

    [Fact]
    [Requirement("AUD-101", "AUD-103", "AUD-104", "AUD-105", "AUD-106", "AUD-112", "AUD-611")]
    public async Task Records_are_canonical_json_with_ids_and_numbers_without_gaps()
    {
        using var fixture = new LogFixture();
        await using (AuditLog log = fixture.Open())
        {
            await log.AppendAsync(new AuditEvent("security", "x.odd", "say \"no\"\n\u0001\u007f \ud800 \ud83d\ude00") { Severity = "high", Reason = "é", OccurredAt = new DateTimeOffset(2026, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)).AddTicks(1_234_567), Agent = AgentId.Parse("did:mesh:a") });
            await log.AppendAsync(LogFixture.Event(1));
        }

        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        string[] leaves = [.. store.ReadLeaves(0, 10).Select(leaf => Encoding.UTF8.GetString(leaf.Span))];
        Assert.Equal(["log.started", "x.odd", "test", "log.stopped"], leaves.Select(leaf => JsonDocument.Parse(leaf).RootElement.GetProperty("event_type").GetString()));
        string odd = leaves[1];
        Assert.StartsWith("""{"action":"say \"no\"\n\u0001""" + "\u007f \ufffd \ud83d\ude00\",\"agent_did\":\"did:mesh:a\",\"emitter_id\":\"", odd, StringComparison.Ordinal);
        Assert.Contains("\"occurred_at\":\"2026-01-02T03:04:05.123456Z\",\"reason\":\"é\"", odd, StringComparison.Ordinal);
        foreach (string leaf in leaves)
        {
            JsonElement record = JsonDocument.Parse(leaf).RootElement;
            string[] names = [.. record.EnumerateObject().Select(member => member.Name)];
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
            Assert.DoesNotContain("null", leaf, StringComparison.Ordinal);
            var id = Guid.Parse(record.GetProperty("record_id").GetString()!);
            Assert.Equal(7, id.Version);
        }

        Assert.Equal([1, 2, 3, 4], leaves.Select(leaf => JsonDocument.Parse(leaf).RootElement.GetProperty("emitter_seq").GetInt32()));
        Assert.Equal(4, leaves.Select(leaf => JsonDocument.Parse(leaf).RootElement.GetProperty("record_id").GetString()).Distinct().Count());
    }

    [Fact]
    [Requirement("AUD-108", "AUD-109", "AUD-209")]
    [Requirement("AUD-122", Partial = "severities; the categories of violations are those of the chain (docs/reason-codes.md)")]
    public async Task A_record_lacks_nothing_and_owns_what_it_says()
    {
        using var fixture = new LogFixture();
        await using AuditLog log = fixture.Open();
        var attributes = new Dictionary<string, string> { ["x.a"] = "1" };
        var happened = new AuditEvent("event", "test", "act") { Attributes = attributes };
        attributes["x.a"] = "2";
        long index = await log.AppendAsync(happened);
        Assert.Contains("\"x.a\":\"1\"", Encoding.UTF8.GetString(log.Read(index, 1).Single().Span), StringComparison.Ordinal);
        foreach (AuditEvent bad in new[] { happened with { Kind = "decision" }, happened with { Kind = "gossip" }, happened with { Action = " " }, happened with { EventType = new string('x', 129) }, happened with { Severity = "urgent" } })
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await log.AppendAsync(bad));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => log.Prove(log.Size));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Prove(-1));
        Assert.Empty(log.Read(log.Size, 5));
    }

    [Theory]
    [Requirement("AUD-114")]
    [InlineData("a", "b", "a")]
    [InlineData("", "b", "b")]
    [InlineData(null, null, null)]
    public void Where_the_process_runs_is_read_once_and_what_the_host_sets_wins(string? first, string? second, string? sandbox)
    {
        string? Variable(string name) => name switch { "SANDBOX_ID" => first, "OPENSHELL_SANDBOX_ID" => second, "AGT_ENVIRONMENT" => "prod", _ => "" };
        var read = Audit.Records.RecordEnvironment.Read(new AuditOptions(), Variable);
        Assert.Equal((sandbox, "prod", null), (read.SandboxId, read.Name, read.ComputeDriver));
        Assert.Equal("mine", Audit.Records.RecordEnvironment.Read(new AuditOptions { SandboxId = "mine" }, Variable).SandboxId);
    }

    [Fact]
    [Requirement("AUD-712")]
    public async Task What_operators_watch_is_measured()
    {
        using var fixture = new LogFixture("log.example/measured");
        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == AuditMetrics.MeterName && instrument.Meter.Tags!.Any(tag => Equals(tag.Value, fixture.Verifier.Name)))
            {
                listening.EnableMeasurementEvents(instrument, fixture);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, owner) => Note(instrument.Name, value, owner));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, owner) => Note(instrument.Name, value, owner));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, owner) => Note(instrument.Name, value, owner));
        listener.Start();
        await using AuditLog log = fixture.Open();
        await log.AppendAsync(LogFixture.Event(1));
        log.Publish();
        listener.RecordObservableInstruments();
        Assert.Equal((2, 0, 2, 1), (seen["agt.audit.entries_written"], seen["agt.audit.queue_depth"], seen["agt.audit.witness_lag"], seen["agt.audit.available"]));
        Assert.True(seen["agt.audit.checkpoint_age_s"] >= 0);

        void Note(string name, double value, object? owner)
        {
            if (ReferenceEquals(owner, fixture))
            {
                seen[name] = value;
            }
        }
    }

    [Fact]
    [Requirement("AUD-412")]
    public async Task A_second_writer_is_refused_at_once_and_a_reader_is_not()
    {
        using var fixture = new LogFixture();
        await using AuditLog log = fixture.Open();
        await log.AppendAsync(LogFixture.Event(1));
        Assert.Equal(AuditStoreProblem.Locked, Assert.Throws<AuditStoreException>(() => fixture.Open()).Problem);
        using SegmentAuditStore reader = SegmentAuditStore.OpenForReading(fixture.LogPath);
        Assert.Equal(2, reader.Size);
    }

    [Fact]
    [Requirement("AUD-411")]
    public async Task Files_are_closed_to_others_also_those_that_were_open()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        using var fixture = new LogFixture();
        Directory.CreateDirectory(fixture.LogPath);
        File.SetUnixFileMode(fixture.LogPath, (UnixFileMode)Convert.ToInt32("755", 8));
        await fixture.WriteAsync(10);
        Assert.Equal((UnixFileMode)Convert.ToInt32("700", 8), File.GetUnixFileMode(fixture.LogPath));
        foreach (string file in Directory.GetFiles(fixture.LogPath, "*", SearchOption.AllDirectories))
        {
            Assert.Equal((UnixFileMode)Convert.ToInt32("600", 8), File.GetUnixFileMode(file));
        }
    }

    [Fact]
    [Requirement("AUD-406", "AUD-X02")]
    public async Task A_log_that_was_cut_off_below_its_checkpoint_is_not_opened()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(500);
        string segment = Directory.GetFiles(Path.Combine(fixture.LogPath, "segments"), "*.seg").Order(StringComparer.Ordinal).Last();
        using (FileStream file = File.Open(segment, FileMode.Open))
        {
            file.SetLength(Math.Max(16, file.Length - 300));
        }

        Assert.Equal(AuditStoreProblem.Truncated, Assert.Throws<AuditStoreException>(() => fixture.Open()).Problem);
    }

    [Fact]
    [Requirement("AUD-414", "AUD-X02")]
    public async Task A_directory_that_was_set_back_as_a_whole_is_not_opened()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(20);
        Copy(fixture.LogPath, fixture.LogPath + ".old");
        await fixture.WriteAsync(20);
        Directory.Delete(fixture.LogPath, recursive: true);
        Directory.Move(fixture.LogPath + ".old", fixture.LogPath);
        Assert.Equal(AuditStoreProblem.RolledBack, Assert.Throws<AuditStoreException>(() => fixture.Open()).Problem);
    }

    [Fact]
    [Requirement("AUD-215", "AUD-X02")]
    public async Task A_log_written_anew_with_the_key_of_the_old_one_is_not_opened()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(20);
        string copy = await File.ReadAllTextAsync(fixture.Options.CheckpointCopy!);
        Directory.Delete(fixture.LogPath, recursive: true);
        File.Delete(fixture.Options.CheckpointCopy!);
        await fixture.WriteAsync(40);
        await File.WriteAllTextAsync(fixture.Options.CheckpointCopy!, copy);
        Assert.Equal(AuditStoreProblem.RolledBack, Assert.Throws<AuditStoreException>(() => fixture.Open()).Problem);
    }

    [Fact]
    [Requirement("AUD-X15", Partial = "the proof and who keeps it; the log refuses to start, and a kill switch of other processes comes with them")]
    public async Task Two_histories_of_one_size_are_kept_as_the_proof_of_it()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(20);
        string copy = await File.ReadAllTextAsync(fixture.Options.CheckpointCopy!);
        Directory.Delete(fixture.LogPath, recursive: true);
        File.Delete(fixture.Options.CheckpointCopy!);
        await fixture.WriteAsync(20);
        await File.WriteAllTextAsync(fixture.Options.CheckpointCopy!, copy);
        AuditStoreException refused = Assert.Throws<AuditStoreException>(() => fixture.Open());
        Assert.Equal(AuditStoreProblem.RolledBack, refused.Problem);
        Assert.Contains("signed two different trees of 22 records", refused.Message, StringComparison.Ordinal);
        Assert.True(ForkProof.TryParse(await File.ReadAllBytesAsync(fixture.Options.CheckpointCopy + ".fork"), out ForkProof? fork, out _));
        Assert.True(fork.Proves(fixture.Verifier, out _));
    }

    [Theory]
    [InlineData(512, 1024 * 1024, 512)]
    [InlineData(64, 1024 * 1024, 64)]
    [InlineData(65_536, 64 * 1024, 400)]
    [Requirement("AUD-405")]
    public async Task Records_are_flushed_many_together_and_never_more_than_a_batch_may_hold(int records, int bytes, int most)
    {
        using var fixture = new LogFixture();
        (fixture.Options.BatchSize, fixture.Options.BatchBytes) = (records, bytes);
        using var store = new Counting();
        await using (AuditLog log = fixture.Open(store))
        {
            await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => log.AppendAsync(LogFixture.Event(i)).AsTask()));
        }

        Assert.Equal(2_002, store.Size);
        Assert.InRange(store.Batches.Max(), 2, most);
        Assert.InRange(store.Batches.Count, 1, 1_000);
    }

    [Fact]
    [Requirement("AUD-405")]
    public async Task What_nobody_waits_for_is_written_after_the_delay_all_the_same()
    {
        using var fixture = new LogFixture();
        using var store = new Counting();
        await using AuditLog log = fixture.Open(store);
        await log.FlushAsync();
        long size = log.Size;
        await log.AppendAsync(new Audit.Records.PendingRecord { Event = LogFixture.Event(1), Timestamp = DateTimeOffset.UtcNow }, waits: false);
        while (log.Size == size)
        {
            await Task.Yield();
        }

        Assert.Equal(size + 1, log.Size);
    }

    [Fact]
    [Requirement("AUD-307")]
    public async Task A_log_is_continued_with_its_own_key_only_and_needs_its_checkpoint()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(5);
        using AuditKey other = AuditKey.Create(fixture.Key.Key.Name);
        Assert.Equal(AuditStoreProblem.Key, Assert.Throws<AuditStoreException>(() => AuditLog.Open(Store(), other, fixture.Options)).Problem);
        File.Delete(Path.Combine(fixture.LogPath, "checkpoint"));
        Assert.Equal(AuditStoreProblem.Tampered, Assert.Throws<AuditStoreException>(() => fixture.Open(Store())).Problem);

        SegmentAuditStore Store()
        {
            var store = SegmentAuditStore.Open(fixture.LogPath);
            store.Dispose();
            return SegmentAuditStore.OpenForReading(fixture.LogPath);
        }
    }

    [Fact]
    [Requirement("AUD-406")]
    public async Task A_torn_end_is_set_aside_and_the_log_goes_on()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(50);
        string segment = Directory.GetFiles(Path.Combine(fixture.LogPath, "segments"), "*.seg").Order(StringComparer.Ordinal).Last();
        using (FileStream file = File.Open(segment, FileMode.Append))
        {
            file.Write(new byte[] { 40, 1, 0, 0, 9, 9, 9, 9, 52, 0 });
        }

        await using (AuditLog log = fixture.Open())
        {
            Assert.Equal(53, await log.AppendAsync(LogFixture.Event(1)));
        }

        Assert.Equal(10, new FileInfo(segment + ".torn1").Length);
    }

    [Fact]
    [Requirement("AUD-403", "AUD-404", "AUD-406")]
    public async Task Hashes_that_a_power_cut_took_are_made_again()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(700);
        LogHash root;
        using (SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath))
        {
            root = new Tiles.TileTree(store).Root(store.Size);
        }

        foreach (string level in Directory.GetFiles(Path.Combine(fixture.LogPath, "nodes")))
        {
            File.Delete(level);
        }

        foreach (string places in Directory.GetFiles(Path.Combine(fixture.LogPath, "segments"), "*.at"))
        {
            File.Delete(places);
        }

        await using AuditLog log = fixture.Open();
        Assert.True(Proof.VerifyConsistency(702, log.Publish().Checkpoint.Size, root, log.Checkpoint.Checkpoint.Root, [.. log.ProveConsistency(702, log.Checkpoint.Checkpoint.Size)]));
        Assert.True(log.Prove(333).Verify(log.Read(333, 1).Single().Span, TrustPolicy.Of(fixture.Verifier), out _));
    }

    [Fact]
    [Requirement("AUD-409", "AUD-410")]
    public async Task When_the_store_fails_who_waits_is_told_and_what_was_taken_is_kept()
    {
        using var fixture = new LogFixture();
        var store = new FailingStore();
        await using AuditLog log = fixture.Open(store);
        await log.AppendAsync(LogFixture.Event(0));
        store.Broken = true;
        IOException failed = await Assert.ThrowsAsync<IOException>(async () => await log.AppendAsync(LogFixture.Event(1)));
        Assert.Contains("No space left", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await log.AppendAsync(LogFixture.Event(2)));
        Assert.NotNull(log.Failure);
        store.Broken = false;
        long index = -1;
        while (index < 0)
        {
            try
            {
                index = await log.AppendAsync(LogFixture.Event(3));
            }
            catch (IOException)
            {
                await Task.Yield();
            }
        }

        Assert.Null(log.Failure);
        string all = string.Join('\n', log.Read(0, 10).Select(leaf => Encoding.UTF8.GetString(leaf.Span)));
        Assert.Contains("act-0", all, StringComparison.Ordinal);
        Assert.Contains("act-1", all, StringComparison.Ordinal);
        Assert.Contains("act-3", all, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-308")]
    public async Task A_tree_that_is_not_the_signed_one_grown_is_not_signed()
    {
        using var fixture = new LogFixture();
        var store = new FailingStore();
        await using AuditLog log = fixture.Open(store);
        await log.AppendAsync(LogFixture.Event(0));
        log.Publish();
        Checkpoint signed = log.Checkpoint.Checkpoint;
        store.Lies = true;
        await log.AppendAsync(LogFixture.Event(1));
        Assert.Throws<InvalidOperationException>(() => log.Publish());
        Assert.Equal(signed, log.Checkpoint.Checkpoint);
        store.Lies = false;
    }

    private static void Copy(string from, string to)
    {
        foreach (string directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
        {
            Directory.CreateDirectory(directory.Replace(from, to, StringComparison.Ordinal));
        }

        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, file.Replace(from, to, StringComparison.Ordinal));
        }
    }

    /// <summary>A store in memory that can be told to fail, or to show another tree.</summary>
    private sealed class FailingStore : IAuditStore
    {
        private readonly MemoryAuditStore _inner = new();

        internal bool Broken { get; set; }

        internal bool Lies { get; set; }

        public long Size => _inner.Size;

        public void Append(AuditBatch batch)
        {
            if (Broken)
            {
                throw new IOException("No space left on device");
            }

            _inner.Append(batch);
        }

        public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count) => _inner.ReadLeaves(first, count);

        public void ReadTile(Tiles.TilePath path, Span<LogHash> hashes)
        {
            _inner.ReadTile(path, hashes);
            if (Lies)
            {
                hashes[0] = MerkleTree.HashLeaf("another"u8);
            }
        }

        public ReadOnlyMemory<byte> ReadCheckpoint() => _inner.ReadCheckpoint();

        public void WriteCheckpoint(ReadOnlySpan<byte> note) => _inner.WriteCheckpoint(note);

        public void Dispose() => _inner.Dispose();
    }

    /// <summary>Counts what is flushed together.</summary>
    private sealed class Counting : IAuditStore
    {
        private readonly MemoryAuditStore _store = new();

        internal System.Collections.Concurrent.ConcurrentQueue<int> Batches { get; } = new();

        public long Size => _store.Size;

        public void Append(AuditBatch batch)
        {
            Batches.Enqueue(batch.Count);
            _store.Append(batch);
        }

        public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count) => _store.ReadLeaves(first, count);

        public void ReadTile(Agt.Audit.Tiles.TilePath path, Span<Agt.Audit.Merkle.LogHash> hashes) => _store.ReadTile(path, hashes);

        public ReadOnlyMemory<byte> ReadCheckpoint() => _store.ReadCheckpoint();

        public void WriteCheckpoint(ReadOnlySpan<byte> note) => _store.WriteCheckpoint(note);

        public void Dispose() => _store.Dispose();
    }
}
