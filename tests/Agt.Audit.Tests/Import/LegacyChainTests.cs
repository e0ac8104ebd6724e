using System.Text.Json;
using Agt.Audit.Import;
using Agt.Audit.Notes;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;

namespace Agt.Audit.Tests.Import;

/// <summary>The chain beside this file was written by Python's <c>json</c> module, in the way the older toolkit writes and hashes its entries.</summary>
public sealed class LegacyChainTests : IDisposable
{
    private static readonly string Chain = Path.Combine(AppContext.BaseDirectory, "Import", "legacy-chain.jsonl");
    private readonly LogFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Requirement("AUD-218")]
    public async Task A_chain_is_verified_and_becomes_records_that_say_what_its_hash_covers()
    {
        Assert.Equal(3, await LegacyChain.VerifyAsync(Chain, Cancellation));
        await using AuditLog log = _fixture.Open();
        long told = 0;
        Assert.Equal(3, await LegacyChain.ImportAsync(log, Chain, "ops", count => told = count, Cancellation));
        Assert.Equal(3, told);
        JsonElement[] records = [.. log.Read(0, 100).Select(leaf => JsonDocument.Parse(leaf).RootElement).Where(record => record.GetProperty("kind").GetString() == "imported")];
        Assert.Equal(["audit_0000", "audit_0001", "audit_0002"], records.Select(record => record.GetProperty("attributes").GetProperty("agt.legacy_entry_id").GetString()));
        Assert.Equal(("did:mesh:abc", "2026-01-02T03:04:05.123456Z", "/data/1"), (records[1].GetProperty("agent_did").GetString(), records[1].GetProperty("occurred_at").GetString(), records[1].GetProperty("resource").GetString()));
        Assert.Equal("""{"matched_rule":"r","policy_decision":"deny"}""", records[1].GetProperty("attributes").GetProperty("agt.unattested").GetRawText());
        Assert.False(records[1].TryGetProperty("decision", out _));
        Assert.Equal("odd", records[2].GetProperty("attributes").GetProperty("agt.legacy_outcome").GetString());
        InvalidDataException again = await Assert.ThrowsAsync<InvalidDataException>(() => LegacyChain.ImportAsync(log, Chain, "ops", null, Cancellation));
        Assert.Contains("is in the log already", again.Message, StringComparison.Ordinal);
        await log.DisposeAsync();
        using Agt.Audit.Stores.SegmentAuditStore store = Agt.Audit.Stores.SegmentAuditStore.OpenForReading(_fixture.LogPath);
        Assert.True(new LogVerifier(store, TrustPolicy.Of(_fixture.Verifier)).Verify(Cancellation).IsValid);
    }

    [Theory]
    [InlineData("tool_invocation", "tool_invocatiom", "line 1: the entry does not have the hash")]
    [InlineData("\"z\": 1.5", "\"z\": 1.6", "line 1: the entry does not have the hash")]
    [InlineData("{\"entry_id\"", "x{\"entry_id\"", "line 1: this is no entry")]
    [Requirement("AUD-218")]
    public async Task An_entry_that_was_changed_is_named_and_nothing_is_imported(string from, string to, string problem)
    {
        string file = Path.Combine(_fixture.Root, "chain.jsonl");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(Chain, Cancellation)).Replace(from, to, StringComparison.Ordinal), Cancellation);
        await using AuditLog log = _fixture.Open();
        await log.FlushAsync(Cancellation);
        long size = log.Size;
        Assert.Contains(problem, (await Assert.ThrowsAsync<InvalidDataException>(() => LegacyChain.ImportAsync(log, file, "ops", null, Cancellation))).Message, StringComparison.Ordinal);
        await log.FlushAsync(Cancellation);
        Assert.Equal(size, log.Size);
    }

    [Theory]
    [InlineData(1, 0, 2)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 0, 1)]
    [Requirement("AUD-218")]
    public async Task Entries_that_were_taken_out_or_moved_are_found(params int[] order)
    {
        string[] lines = await File.ReadAllLinesAsync(Chain, Cancellation);
        string file = Path.Combine(_fixture.Root, "chain.jsonl");
        await File.WriteAllLinesAsync(file, order.Select(i => lines[i]), Cancellation);
        Assert.Contains("taken out, put in or reordered", (await Assert.ThrowsAsync<InvalidDataException>(() => LegacyChain.VerifyAsync(file, Cancellation))).Message, StringComparison.Ordinal);
    }
}
