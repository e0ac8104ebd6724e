using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Agt.Audit.Verification;

namespace Agt.Audit.Tests.Log;

/// <summary>Records that others hand in and that look like the log's own: none of them changes what is said of the others.</summary>
public sealed class HostileRecordTests
{
    private const string Let = """{"v":1,"kind":"decision","decision":"allow","action":"pay","agent_id":"a","record_id":"01890000-0000-7000-8000-000000000001","emitter_id":"run","emitter_seq":2,"occurred_at":"2026-01-01T00:00:00.000000Z"}""";
    private const string Start = """{"v":1,"kind":"config","event_type":"log.started","action":"start","agent_id":"log","emitter_id":"run","emitter_seq":1,"occurred_at":"2026-01-01T00:00:00.000000Z"}""";

    [Theory]
    [Requirement("AUD-115", "AUD-409")]
    [InlineData("""{"v":1,"kind":"event","event_type":"log.stopped","action":"stop","agent_id":"log","emitter_id":"hostile","emitter_seq":1}""")]
    [InlineData("""{"v":1,"kind":"event","event_type":"log.started","action":"start","agent_id":"log","emitter_id":"hostile","emitter_seq":1}""")]
    [InlineData("""{"v":1,"kind":"outcome","action":"pay","agent_id":"a","decision_ref":"01890000-0000-7000-8000-000000000001","emitter_id":"hostile","emitter_seq":1}""")]
    [InlineData("""{"v":1,"kind":"event","action":"pay","agent_id":"a","decision_ref":"01890000-0000-7000-8000-000000000001","emitter_id":"hostile","emitter_seq":1}""")]
    public void An_effect_in_doubt_is_not_hidden_by_what_somebody_else_hands_in(string hostile)
    {
        RecordDraft.Parse(Encoding.UTF8.GetBytes(hostile));
        InDoubt found = Assert.Single(InDoubtScan.Find(Store(Start, Let, hostile)));
        Assert.Equal(("pay", 1L), (found.Action, found.Index));
    }

    [Fact]
    [Requirement("AUD-115")]
    public void An_effect_without_an_end_is_found_whatever_somebody_else_says_of_it()
    {
        const string Later = """{"v":1,"kind":"event","action":"x","agent_id":"a","emitter_id":"run","emitter_seq":3,"occurred_at":"2026-01-01T01:00:00.000000Z"}""";
        const string Forged = """{"v":1,"kind":"outcome","action":"pay","agent_id":"a","decision_ref":"01890000-0000-7000-8000-000000000001","emitter_id":"hostile","emitter_seq":1,"occurred_at":"2026-01-01T00:00:01.000000Z"}""";
        Assert.Contains(("outcome_missing", 1L), Findings(Start, Let, Forged, Later));
        Assert.DoesNotContain(("outcome_missing", 1L), Findings(Start, Let, Forged.Replace("\"hostile\",\"emitter_seq\":1", "\"run\",\"emitter_seq\":3", StringComparison.Ordinal), Later.Replace(":3,", ":4,", StringComparison.Ordinal)));
    }

    [Fact]
    [Requirement("AUD-115")]
    public async Task Nobody_hands_in_records_that_are_numbered_as_the_logs_own()
    {
        using var fixture = new LogFixture();
        await using AuditLog log = fixture.Open();
        var forged = RecordDraft.Parse(Encoding.UTF8.GetBytes($$"""{"kind":"event","action":"x","agent_id":"a","emitter_id":"{{log.Emitter}}","emitter_seq":2}"""));
        Assert.Equal("emitter_id", (await Assert.ThrowsAsync<InvalidRecordException>(() => log.AppendAsync(forged, TestContext.Current.CancellationToken).AsTask())).Member);
        await log.AppendAsync(LogFixture.Event(1), TestContext.Current.CancellationToken);
        Assert.Equal([1L, 2L], log.Read(0, 10).Select(leaf => JsonDocument.Parse(leaf).RootElement.GetProperty("emitter_seq").GetInt64()));
    }

    private static MemoryAuditStore Store(params string[] leaves)
    {
        var store = new MemoryAuditStore();
        var batch = new AuditBatch();
        batch.Begin(0);
        foreach (string leaf in leaves)
        {
            batch.Add(Encoding.UTF8.GetBytes(leaf));
        }

        batch.Integrate(new CompactRange());
        store.Append(batch);
        return store;
    }

    private static (string Kind, long Index)[] Findings(params string[] leaves)
    {
        using var fixture = new LogFixture();
        MemoryAuditStore store = Store(leaves);
        string text = new Checkpoint(fixture.Key.Key.Name, leaves.Length, new TileTree(store).Root(leaves.Length)).ToString();
        store.WriteCheckpoint(new SignedNote(text, [new NoteSignature(fixture.Key.Key.Name, fixture.Key.Key.KeyId, fixture.Key.Sign(text))]).ToUtf8());
        return [.. new LogVerifier(store, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).Findings.Select(finding => (finding.Kind, finding.Index))];
    }
}
