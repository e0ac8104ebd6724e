using System.Text;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Retention;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Audit.Tests.Retention;

public sealed class RetentionTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly LogFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Requirement("AUD-608", "AUD-609")]
    public async Task Records_that_are_old_enough_are_dropped_and_the_rest_is_verified_as_before()
    {
        await WriteAsync(old: 1_000, young: 100);
        Receipt receipt;
        SignedCheckpoint before;
        await using (AuditLog log = Open())
        {
            receipt = log.Prove(1_050);
            before = log.Checkpoint;
            PurgePlan plan = await log.PurgeAsync("ops", cancellationToken: Cancellation);
            Assert.Equal((0, 768, 768), (plan.From, plan.First, plan.Count));
            Assert.Equal("records of the kind 'event' are kept for 365 days", plan.Because);
            Assert.Equal(768, log.First);
            Assert.Throws<InvalidDataException>(() => log.Prove(767));
            Assert.True(log.Prove(768).Verify(log.Read(768, 1).Single().Span, TrustPolicy.Of(_fixture.Verifier), out string? error), error);
            Assert.Equal(0, (await log.PurgeAsync("ops", cancellationToken: Cancellation)).Count);
        }

        LogVerification result = Verify(SegmentAuditStore.OpenForReading(_fixture.LogPath));
        Assert.True(result.IsValid, result.Error);
        Assert.Contains(result.Findings, finding => finding is { Kind: "purged", Index: 767 });
        Assert.True(receipt.Verify(receipt.Extra.Span, TrustPolicy.Of(_fixture.Verifier), out _));
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(_fixture.LogPath);
        Assert.True(new LogVerifier(store, TrustPolicy.Of(_fixture.Verifier)) { Since = before }.Verify(Cancellation).IsValid);
        string everything = Encoding.UTF8.GetString([.. Directory.GetFiles(Path.Combine(_fixture.LogPath, "segments")).SelectMany(File.ReadAllBytes)]);
        Assert.DoesNotContain("\"old-1\"", everything, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-609")]
    public async Task Records_that_are_missing_without_a_record_of_it_are_missing()
    {
        await WriteAsync(old: 1_000, young: 100);
        using (SegmentAuditStore store = SegmentAuditStore.Open(_fixture.LogPath))
        {
            store.Purge(512);
        }

        LogVerification result = Verify(SegmentAuditStore.OpenForReading(_fixture.LogPath));
        Assert.False(result.IsValid);
        Assert.Equal("The first 512 records are gone, and no record says that they were purged.", result.Error);
    }

    [Fact]
    [Requirement("AUD-609")]
    public async Task What_was_purged_cannot_be_hidden_behind_other_hashes()
    {
        await WriteAsync(old: 1_000, young: 100);
        await using (AuditLog log = Open())
        {
            await log.PurgeAsync("ops", cancellationToken: Cancellation);
        }

        using (FileStream file = File.OpenWrite(Path.Combine(_fixture.LogPath, "nodes", "9")))
        {
            file.WriteByte(0);
        }

        Assert.False(Verify(SegmentAuditStore.OpenForReading(_fixture.LogPath)).IsValid);
    }

    [Fact]
    [Requirement("AUD-612")]
    public async Task An_archive_holds_what_the_log_no_longer_does_and_is_verified_offline()
    {
        string archive = Path.Combine(_fixture.Root, "archive");
        SignedCheckpoint before;
        await WriteAsync(old: 1_000, young: 100);
        await using (AuditLog log = Open())
        {
            before = log.Publish();
            PurgePlan plan = await log.PurgeAsync("ops", archive, Cancellation);
            Assert.Equal(768, plan.Count);
            Assert.Equal(plan.Archive, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(archive, ColdArchive.ManifestName), Cancellation))));
            Assert.Contains(log.Read(log.First, log.Size - log.First), leaf => Encoding.UTF8.GetString(leaf.Span).Contains($"\"agt.archive_manifest\":\"{plan.Archive}\"", StringComparison.Ordinal));
        }

        TileDirectory first = TileDirectory.Open(archive);
        Assert.Equal(0, first.First);
        Assert.True(Verify(first).IsValid);

        Assert.True(new LogVerifier(first, TrustPolicy.Of(_fixture.Verifier)) { Since = before }.Verify(Cancellation).IsValid);

        // The next archive of the short log goes on where this one ended.
        await using (AuditLog log = Open())
        {
            await log.AppendAsync(LogFixture.Event(7), Cancellation);
            log.Publish();
            ColdArchive.Write(SegmentAuditStore.OpenForReading(_fixture.LogPath), archive, _fixture.Verifier, Now, Cancellation);
        }

        TileDirectory second = TileDirectory.Open(archive);
        Assert.Equal(0, second.First);
        Assert.True(second.Size > first.Size);
        Assert.True(Verify(second).IsValid);

        // Elsewhere it begins where the log does, and says so.
        TileDirectory.Publish(SegmentAuditStore.OpenForReading(_fixture.LogPath), Path.Combine(_fixture.Root, "published"));
        TileDirectory published = TileDirectory.Open(Path.Combine(_fixture.Root, "published"));
        Assert.Equal(768, published.First);
        LogVerification result = Verify(published);
        Assert.True(result.IsValid, result.Error);
    }

    [Fact]
    [Requirement("AUD-610")]
    public async Task What_is_held_is_not_purged_until_the_hold_is_released_and_both_are_recorded()
    {
        await WriteAsync(old: 1_000, young: 100);
        await using AuditLog log = Open();
        await log.HoldAsync(new LegalHold("case-7", "court order") { Agent = "agent-600" }, "legal", Cancellation);
        PurgePlan plan = await log.PurgeAsync("ops", cancellationToken: Cancellation);
        Assert.Equal((512, 601L, "the legal hold 'case-7'"), (plan.First, plan.StoppedAt, plan.Because));

        LegalHold hold = Assert.Single(log.Holds(Cancellation));
        Assert.Equal(("case-7", "court order", "legal", "agent-600"), (hold.Id, hold.Reason, hold.Actor, hold.Agent));
        Assert.False(await log.ReleaseHoldAsync("case-8", "closed", "legal", Cancellation));
        Assert.True(await log.ReleaseHoldAsync("case-7", "closed", "legal", Cancellation));
        Assert.Empty(log.Holds(Cancellation));
        Assert.Equal(768, (await log.PurgeAsync("ops", cancellationToken: Cancellation)).First);
    }

    [Theory]
    [InlineData("2024-01-01T00:05:00Z", "2024-01-01T00:06:00Z", 301L)]
    [InlineData("2024-01-01T00:16:40.5Z", null, null)]
    [InlineData(null, "2024-01-01T00:00:03Z", 0L)]
    [Requirement("AUD-610")]
    public async Task A_hold_of_a_time_holds_its_two_ends(string? from, string? to, long? stoppedAt)
    {
        await WriteAsync(old: 1_000, young: 100);
        await using AuditLog log = Open();
        await log.HoldAsync(new LegalHold("t", "r") { From = Time(from), To = Time(to) }, "legal", Cancellation);
        PurgePlan plan = await log.PurgeAsync("ops", cancellationToken: Cancellation);
        Assert.Equal(stoppedAt ?? 1_001, plan.StoppedAt);

        static DateTimeOffset? Time(string? text) => text is null ? null : DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    [Requirement("AUD-610")]
    public async Task The_record_of_a_hold_that_is_placed_is_kept_itself()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using (AuditLog log = Open(time))
        {
            await log.HoldAsync(new LegalHold("old", "r") { Agent = "nobody" }, "legal", Cancellation);
        }

        await WriteAsync(old: 1_000, young: 100);
        await using AuditLog now = Open();
        Assert.Equal(0, (await now.PurgeAsync("ops", cancellationToken: Cancellation)).Count);
        Assert.Single(now.Holds(Cancellation));
    }

    [Fact]
    [Requirement("AUD-608")]
    public async Task Kinds_may_be_kept_for_longer_and_keep_what_is_behind_them()
    {
        _fixture.Options.Retention.PerKind["config"] = TimeSpan.FromDays(3_650);
        await WriteAsync(old: 1_000, young: 100);
        await using AuditLog log = Open();
        PurgePlan plan = await log.PurgeAsync("ops", cancellationToken: Cancellation);
        Assert.Equal((0, 0L, "records of the kind 'config' are kept for 3650 days"), (plan.First, plan.StoppedAt, plan.Because));
    }

    [Theory]
    [InlineData(0, false, "Retention of 'Period' is 00:00:00; it must be more than zero.")]
    [InlineData(-1, false, "Retention of 'Period' is -1.00:00:00; it must be more than zero.")]
    [InlineData(182, true, "Retention of 'Period' is 182 days; a high-risk system keeps its records for 183 days at least (EU AI Act, Art. 26(6)).")]
    [Requirement("AUD-608")]
    public void A_retention_that_is_too_short_is_refused(int days, bool highRisk, string problem)
    {
        _fixture.Options.Retention.Period = TimeSpan.FromDays(days);
        _fixture.Options.Retention.IsHighRisk = highRisk;
        Assert.Equal(problem, Assert.Throws<OptionsValidationException>(() => Open()).Message);
    }

    [Fact]
    [Requirement("AUD-608")]
    public void Records_are_kept_for_a_year_unless_somebody_says_otherwise() => Assert.Equal(TimeSpan.FromDays(365), new AuditOptions().Retention.Period);

    [Theory]
    [InlineData("", "r")]
    [InlineData("a b", "r")]
    [InlineData("a", " ")]
    public async Task A_hold_without_a_name_or_a_reason_is_refused(string id, string reason)
    {
        await using AuditLog log = Open();
        await Assert.ThrowsAsync<ArgumentException>(async () => await log.HoldAsync(new LegalHold(id, reason), "legal", Cancellation));
    }

    /// <summary>Writes a record a second in 2024, and more on one day of 2026.</summary>
    private async Task WriteAsync(int old, int young)
    {
        await using AuditLog log = Open(new FakeTimeProvider(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Task<long>[] records =
        [
            .. Enumerable.Range(0, old).Select(i => log.AppendAsync(new AuditEvent("event", "test", "old-" + i) { Agent = AgentId.Parse("agent-" + i), OccurredAt = start.AddSeconds(i) }).AsTask()),
            .. Enumerable.Range(0, young).Select(i => log.AppendAsync(new AuditEvent("event", "test", "young-" + i) { OccurredAt = Now.AddDays(-1) }).AsTask()),
        ];
        await log.FlushAsync(Cancellation);
        await Task.WhenAll(records);
    }

    private AuditLog Open(TimeProvider? time = null) => AuditLog.Open(SegmentAuditStore.Open(_fixture.LogPath, 64 * 1024), _fixture.Key, _fixture.Options, time ?? new FakeTimeProvider(Now));

    private LogVerification Verify(IAuditStore store)
    {
        using (store)
        {
            return new LogVerifier(store, TrustPolicy.Of(_fixture.Verifier)).Verify(Cancellation);
        }
    }
}
