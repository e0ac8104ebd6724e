using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Verification;

namespace Agt.Audit.Tests.Log;

public sealed class VerificationTests
{
    [Fact]
    [Requirement("AUD-214", "AUD-316")]
    public async Task A_log_that_nobody_touched_is_valid_and_an_empty_one_too()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(2_000);
        LogVerification result = Verify(fixture);
        Assert.True(result.IsValid, result.Error);
        Assert.Equal((2_002, (long?)null, null), (result.EntriesVerified, result.FailedIndex, result.Error));
        Assert.Equal("unwitnessed", Assert.Single(result.Findings).Kind);
        using var empty = new MemoryAuditStore();
        string text = new Checkpoint(fixture.Key.Key.Name, 0, MerkleTree.EmptyRoot).ToString();
        empty.WriteCheckpoint(new SignedNote(text, [new NoteSignature(fixture.Verifier.Name, fixture.Verifier.KeyId, fixture.Key.Sign(text))]).ToUtf8());
        Assert.True(new LogVerifier(empty, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).IsValid);
    }

    [Fact]
    [Requirement("AUD-215", "AUD-X01")]
    public async Task Any_bit_of_any_record_that_is_flipped_is_found()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(60);
        string segment = Directory.GetFiles(Path.Combine(fixture.LogPath, "segments"), "*.seg").Single();
        byte[] sound = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        var random = new Random(5);
        foreach (int at in Enumerable.Range(0, 300).Select(_ => random.Next(16, sound.Length)).Append(sound.Length - 1).Append(16))
        {
            byte[] changed = [.. sound];
            changed[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(segment, changed, TestContext.Current.CancellationToken);
            Assert.False(IsValid(fixture), $"a flipped bit at {at} went unseen");
        }
    }

    [Theory]
    [Requirement("AUD-215", "AUD-X02")]
    [InlineData("change")]
    [InlineData("swap")]
    [InlineData("insert")]
    [InlineData("drop")]
    [InlineData("cut off")]
    [InlineData("rewrite")]
    public async Task Whoever_mends_the_checksums_too_is_found_out_by_the_tree(string attack)
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(40);
        List<byte[]> leaves;
        byte[] checkpoint;
        using (SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath))
        {
            leaves = [.. store.ReadLeaves(0, long.MaxValue).Select(leaf => leaf.ToArray())];
            checkpoint = store.ReadCheckpoint().ToArray();
        }

        Assert.True(new LogVerifier(Forge(leaves, checkpoint), TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).IsValid);
        switch (attack)
        {
            case "change":
                leaves[20][30] ^= 1;
                break;
            case "swap":
                (leaves[20], leaves[21]) = (leaves[21], leaves[20]);
                break;
            case "insert":
                leaves.Insert(20, leaves[19]);
                break;
            case "drop":
                leaves.RemoveAt(20);
                break;
            case "cut off":
                leaves.RemoveRange(30, leaves.Count - 30);
                break;
            default:
                leaves = [.. leaves.Select(leaf => (byte[])[.. leaf, (byte)' '])];
                break;
        }

        LogVerification result = new LogVerifier(Forge(leaves, checkpoint), TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken);
        Assert.False(result.IsValid);
        Assert.True(result.IsTrusted);
        Assert.NotNull(result.Error);
    }

    [Fact]
    [Requirement("AUD-214")]
    public async Task The_first_record_that_was_changed_is_named()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(400);
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        LogVerification result = new LogVerifier(new Changed(store, 300), TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken);
        Assert.Equal(300, result.FailedIndex);
        Assert.Equal("Record 300 is not the one that was signed.", result.Error);
    }

    [Fact]
    [Requirement("AUD-709")]
    public async Task A_log_of_somebody_else_is_sound_and_not_trusted()
    {
        using var fixture = new LogFixture();
        using var other = new LogFixture();
        await fixture.WriteAsync(3);
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        LogVerification result = new LogVerifier(store, TrustPolicy.Of(other.Verifier)).Verify(TestContext.Current.CancellationToken);
        Assert.False(result.IsValid);
        Assert.False(result.IsTrusted);
        Assert.Null(result.FailedIndex);
    }

    [Fact]
    [Requirement("AUD-711", Partial = "the rate is in bench/README.md")]
    public async Task From_a_checkpoint_that_is_trusted_only_what_is_new_is_read()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(300);
        SignedCheckpoint since;
        using (SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath))
        {
            Assert.True(SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out since!, out _));
        }

        await fixture.WriteAsync(10);
        using SegmentAuditStore grown = SegmentAuditStore.OpenForReading(fixture.LogPath);
        LogVerification result = new LogVerifier(grown, TrustPolicy.Of(fixture.Verifier)) { Since = since }.Verify(TestContext.Current.CancellationToken);
        Assert.True(result.IsValid, result.Error);
        Assert.Equal(12, result.EntriesVerified);
        using var other = new LogFixture();
        await other.WriteAsync(400);
        using SegmentAuditStore another = SegmentAuditStore.OpenForReading(other.LogPath);
        Assert.False(new LogVerifier(another, TrustPolicy.Of(other.Verifier)) { Since = since }.Verify(TestContext.Current.CancellationToken).IsValid);
    }

    [Fact]
    [Requirement("AUD-116", "AUD-115", "AUD-X10")]
    public void What_a_sound_log_leaves_unexplained_is_a_finding()
    {
        var findings = new FindingCollector();
        var checks = new ContentChecks(findings, fromMiddle: false);
        checks.Check(0, """{"emitter_id":"a","emitter_seq":1,"kind":"decision","decision":"allow","record_id":"x","occurred_at":"2026-01-01T00:00:00.000000Z","v":1}"""u8);
        checks.Check(1, """{"emitter_id":"a","emitter_seq":3,"kind":"event","occurred_at":"2026-01-01T01:00:00.000000Z","v":1}"""u8);
        checks.Check(2, """{"emitter_id":"a","emitter_seq":3,"kind":"event","occurred_at":"2026-01-01T01:00:00.000000Z","v":1}"""u8);
        checks.Check(3, """{"emitter_id":"a","emitter_seq":4,"kind":"event","occurred_at":"2026-01-01T00:30:00.000000Z","v":1}"""u8);
        checks.Check(4, """{"v":2}"""u8);
        checks.Finish();
        Assert.Equal(
            [("emitter_gap", 1L), ("emitter_gap", 2L), ("clock_regression", 3L), ("unknown_version", 4L), ("outcome_missing", 0L)],
            findings.All.Select(finding => (finding.Kind, finding.Index)));
    }

    private static LogVerification Verify(LogFixture fixture)
    {
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        return new LogVerifier(store, TrustPolicy.Of(fixture.Verifier)).Verify();
    }

    private static bool IsValid(LogFixture fixture)
    {
        try
        {
            return Verify(fixture).IsValid;
        }
        catch (AuditStoreException)
        {
            return false;
        }
    }

    /// <summary>A store made anew from leaves, with sums and hashes that fit them, and the checkpoint of the true log.</summary>
    private static MemoryAuditStore Forge(IReadOnlyList<byte[]> leaves, byte[] checkpoint)
    {
        var store = new MemoryAuditStore();
        var batch = new AuditBatch();
        batch.Begin(0);
        foreach (byte[] leaf in leaves)
        {
            batch.Add(leaf);
        }

        batch.Integrate(new CompactRange());
        store.Append(batch);
        store.WriteCheckpoint(checkpoint);
        return store;
    }

    /// <summary>A log of which one record reads differently from what was written.</summary>
    private sealed class Changed(IAuditStore inner, long changed) : IAuditStore
    {
        public long Size => inner.Size;

        public void Append(AuditBatch batch) => throw new NotSupportedException();

        public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count) =>
            inner.ReadLeaves(first, count).Select((leaf, i) => first + i == changed ? (ReadOnlyMemory<byte>)(byte[])[.. leaf.Span, 32] : leaf);

        public void ReadTile(Tiles.TilePath path, Span<LogHash> hashes) => inner.ReadTile(path, hashes);

        public ReadOnlyMemory<byte> ReadCheckpoint() => inner.ReadCheckpoint();

        public void WriteCheckpoint(ReadOnlySpan<byte> note) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
