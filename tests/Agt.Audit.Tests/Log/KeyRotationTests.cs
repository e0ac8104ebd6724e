using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Verification;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Audit.Tests.Log;

public sealed class KeyRotationTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agt-rotation-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string LogPath => Path.Combine(_root, "log");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    [Requirement("AUD-312", "AUD-611")]
    public async Task Both_keys_sign_for_a_while_and_then_the_new_one_alone()
    {
        VerifierKey old;
        VerifierKey next;
        SignedCheckpoint before;
        await using (AuditLog log = Open())
        {
            old = log.Key;
            await log.AppendAsync(LogFixture.Event(1), Cancellation);
            before = log.Publish();
            next = await log.RotateKeyAsync("ops", cancellationToken: Cancellation);
            Assert.Equal(next, log.Key);
            Assert.NotEqual(old, next);
            Assert.Equal(old.Name, next.Name);
            await log.AppendAsync(LogFixture.Event(2), Cancellation);
        }

        Assert.True(Verify(old).IsValid);
        Assert.True(Verify(next).IsValid);
        Assert.True(Verify(next, since: null).IsTrusted);
        Assert.Equal(next.ToString(), (await File.ReadAllTextAsync(Path.Combine(LogPath, "log.key.pub"), Cancellation)).Trim());
        JsonElement record = Records().Single(record => record.GetProperty("event_type").GetString() == "log.key_rotated").GetProperty("attributes");
        Assert.Equal((old.ToString(), next.ToString(), "ops"), (record.GetProperty("agt.old_key").GetString(), record.GetProperty("agt.new_key").GetString(), record.GetProperty("agt.actor").GetString()));
        Assert.True(before.IsSignedBy(old, out _));

        // The overlap goes on in the next run, and ends.
        _time.Advance(TimeSpan.FromDays(6));
        await using (AuditLog log = Open())
        {
            await log.AppendAsync(LogFixture.Event(3), Cancellation);
        }

        Assert.True(Verify(old).IsValid);
        _time.Advance(TimeSpan.FromDays(2));
        await using (AuditLog log = Open())
        {
            await log.AppendAsync(LogFixture.Event(4), Cancellation);
        }

        Assert.False(Verify(old).IsTrusted);
        Assert.True(Verify(next).IsValid);
    }

    [Fact]
    [Requirement("AUD-312")]
    public async Task A_process_that_dies_while_it_replaces_the_key_leaves_one_that_works()
    {
        byte[] key;
        VerifierKey old;
        await using (AuditLog log = Open())
        {
            old = log.Key;
            key = await File.ReadAllBytesAsync(Path.Combine(LogPath, "log.key"), Cancellation);
            await log.RotateKeyAsync("ops", cancellationToken: Cancellation);
        }

        // As if it had died after the first checkpoint of both keys, before the files were exchanged.
        await File.WriteAllBytesAsync(Path.Combine(LogPath, "log.key"), key, Cancellation);
        await using (AuditLog log = Open())
        {
            Assert.Equal(old, log.Key);
            VerifierKey next = await log.RotateKeyAsync("ops", TimeSpan.Zero, Cancellation);
            await log.AppendAsync(LogFixture.Event(1), Cancellation);
            log.Publish();
            Assert.False(log.Checkpoint.IsSignedBy(old, out _));
            Assert.True(log.Checkpoint.IsSignedBy(next, out _));
        }
    }

    [Fact]
    [Requirement("AUD-312")]
    public async Task A_signer_of_somebody_else_is_replaced_by_opening_the_log_with_both()
    {
        using var old = AuditKey.Create("log.example/rotation");
        using var next = AuditKey.Create("log.example/rotation");
        AuditOptions options = Options();
        await using (AuditLog log = AuditLog.Open(SegmentAuditStore.Open(LogPath), old, options, _time))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await log.RotateKeyAsync("ops", cancellationToken: Cancellation));
        }

        options.Retiring = new RetiringKey(next, _time.GetUtcNow().AddDays(1));
        await using (AuditLog log = AuditLog.Open(SegmentAuditStore.Open(LogPath), old, options, _time))
        {
            await log.AppendAsync(LogFixture.Event(1), Cancellation);
        }

        Assert.True(Verify(old.Key).IsValid);
        Assert.True(Verify(next.Key).IsValid);
        using var foreign = AuditKey.Create("log.example/other");
        options.Retiring = new RetiringKey(foreign, _time.GetUtcNow());
        Assert.Throws<OptionsValidationException>(() => AuditLog.Open(new MemoryAuditStore(), old, options, _time));
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        await using (AuditLog log = Open())
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await log.RotateKeyAsync("ops", TimeSpan.FromDays(-1), Cancellation));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await log.RotateKeyAsync("ops", TimeSpan.FromDays(400), Cancellation));
            await Assert.ThrowsAsync<ArgumentException>(async () => await log.RotateKeyAsync(" ", null, Cancellation));
        }

        await File.WriteAllTextAsync(Path.Combine(LogPath, "log.key.old"), "what?", Cancellation);
        Assert.Equal(AuditStoreProblem.Key, Assert.Throws<AuditStoreException>(Open).Problem);
    }

    private AuditLog Open() => AuditLog.Open(Options(), _time);

    private AuditOptions Options() => new() { Directory = LogPath, Origin = "log.example/rotation", CheckpointCopy = Path.Combine(_root, "copy") };

    private LogVerification Verify(VerifierKey key, SignedCheckpoint? since = null)
    {
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(LogPath);
        return new LogVerifier(store, TrustPolicy.Of(key)) { Since = since }.Verify(Cancellation);
    }

    private List<JsonElement> Records()
    {
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(LogPath);
        return [.. store.ReadLeaves(0, 1_000).Select(leaf => JsonDocument.Parse(leaf).RootElement)];
    }
}
