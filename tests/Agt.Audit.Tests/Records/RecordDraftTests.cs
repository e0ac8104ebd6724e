using System.Text;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;
using CsCheck;

namespace Agt.Audit.Tests.Records;

public sealed class RecordDraftTests
{
    [Fact]
    [Requirement("AUD-101", "AUD-103", "AUD-104", "AUD-105", "AUD-110")]
    public void What_is_handed_in_is_put_in_the_one_form_of_a_record()
    {
        string record = Canonical("""
            {"kind":"event","action":"a","agent_id":"x","severity":"info","outcome":"success","latency_ns":0,"reason":"","resource":null,"delegation":[],"attributes":{"z":1,"key":"value","count":42,"yes":true,"list":[1,"a",null],"deep":{"b":null,"a":1.50}},
             "occurred_at":"2026-01-02T05:04:05.1234569+02:00"}
            """);
        Assert.Equal("""{"action":"a","agent_id":"x","attributes":{"count":42,"deep":{"a":1.5},"key":"value","list":[1,"a",null],"yes":true,"z":1},"kind":"event","occurred_at":"2026-01-02T03:04:05.123456Z"}""", record);
        Assert.Equal(record, Canonical(record));
    }

    [Theory]
    [InlineData("9007199254740991", "9007199254740991")]
    [InlineData("9007199254740992", "\"9007199254740992\"")]
    [InlineData("-9007199254740992", "\"-9007199254740992\"")]
    [InlineData("123456789012345678901234567890", "\"123456789012345678901234567890\"")]
    [InlineData("1e21", "1e+21")]
    [InlineData("-0.0", "0")]
    [InlineData("1.0", "1")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("1E-7", "1e-7")]
    [Requirement("AUD-111")]
    public void Numbers_have_the_form_of_the_standard_or_are_texts(string given, string written) =>
        Assert.Contains("\"n\":" + written + "}", Canonical("{\"kind\":\"event\",\"action\":\"a\",\"agent_id\":\"x\",\"attributes\":{\"n\":" + given + "}}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"kind":"event","kind":"event","action":"a","agent_id":"x"}""")]
    [InlineData("""{"kind":"event","action":"\ud800","agent_id":"x"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","attributes":{"a":{"b":1,"b":2}}}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","attributes":{"n":1e999}}""")]
    [InlineData("""{"action":"a","agent_id":"x"}""")]
    [InlineData("""{"kind":"event","agent_id":"x"}""")]
    [InlineData("""{"kind":"event","action":"a"}""")]
    [InlineData("""{"kind":"decision","action":"a","agent_id":"x"}""")]
    [InlineData("""{"kind":"config","action":"a","agent_id":"x"}""")]
    [InlineData("""{"kind":"hold","action":"a","agent_id":"x"}""")]
    [InlineData("""{"kind":"erasure","action":"a","agent_id":"x"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","extra":1}""")]
    [InlineData("""{"kind":"event","action":7,"agent_id":"x"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","v":2}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","occurred_at":"yesterday"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","occurred_at":"2026-01-02T03:04:05"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","emitter_id":"e"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","emitter_id":"e","emitter_seq":0}""")]
    [InlineData("""{"kind":"event","action":"a","agent_did":"x"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","trace_id":"00000000000000000000000000000000"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","trust_score":1001}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","latency_ns":-1}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","severity":"fatal"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","record_id":"7"}""")]
    [InlineData("""{"kind":"event","action":"a","agent_id":"x","arguments":{"a":1},"arguments_hash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}""")]
    [Requirement("AUD-109", "AUD-112", "AUD-118", "AUD-122")]
    public void What_is_no_record_is_refused_with_the_reason(string json) => Assert.NotEmpty(Assert.Throws<InvalidRecordException>(() => RecordDraft.Parse(Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] json = Encoding.UTF8.GetBytes("""{"kind":"event","action":"?","agent_id":"x"}""");
        json[Array.IndexOf(json, (byte)'?')] = 0xff;
        Assert.Throws<InvalidRecordException>(() => RecordDraft.Parse(json));
        Assert.Throws<InvalidRecordException>(() => RecordDraft.Parse(new byte[RecordDraft.MaxBytes + 1]));
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40);
        Assert.Throws<InvalidRecordException>(() => RecordDraft.Parse(Encoding.UTF8.GetBytes($$"""{"kind":"event","action":"a","agent_id":"x","attributes":{{deep}}}""")));
    }

    [Theory]
    [InlineData("block", "deny", false)]
    [InlineData("rate_limit", "deny", false)]
    [InlineData("timeout", "deny", false)]
    [InlineData("error", "deny", false)]
    [InlineData("audit", "warn", false)]
    [InlineData("alert", "warn", false)]
    [InlineData("log", "warn", false)]
    [InlineData("require_approval", "escalate", false)]
    [InlineData("allow", "allow", false)]
    [InlineData("perhaps", "deny", true)]
    [Requirement("AUD-120")]
    public void Words_for_decisions_become_the_four_of_the_log(string word, string decision, bool unknown)
    {
        JsonElement record = JsonDocument.Parse(Canonical($$"""{"kind":"decision","action":"a","agent_id":"x","decision":"{{word}}"}""")).RootElement;
        Assert.Equal(decision, record.GetProperty("decision").GetString());
        Assert.Equal(unknown, record.TryGetProperty("reason_code", out JsonElement code) && code.GetString() == "unknown_effect");
    }

    [Fact]
    [Requirement("AUD-118")]
    public void Arguments_are_hashed_and_not_kept()
    {
        Assert.Equal("""{"action":"a","agent_id":"x","arguments_hash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","kind":"event"}""", Canonical("""{"kind":"event","action":"a","agent_id":"x","arguments":{}}"""));
        Assert.DoesNotContain("secret", Canonical("""{"kind":"event","action":"a","agent_id":"x","arguments":{"secret":null}}"""), StringComparison.Ordinal);
        Assert.NotEqual(Canonical("""{"kind":"event","action":"a","agent_id":"x","arguments":{"secret":null}}"""), Canonical("""{"kind":"event","action":"a","agent_id":"x","arguments":{}}"""));
    }

    [Fact]
    [Requirement("AUD-103")]
    public void Whatever_order_and_spelling_it_is_handed_in_with_its_form_is_one() => Gen.Shuffle(new[]
    {
        "\"kind\":\"event\"", "\"action\" : \"\\u0061b\"", "\"agent_id\":\"x\"", "\"attributes\":{ \"b\":1.0, \"a\":1e2 }", "\"reason\":null", "\"session_id\":\"s\"", "\"severity\":\"info\"",
    }).Sample(members => Canonical("{" + string.Join(", ", members) + "}") == """{"action":"ab","agent_id":"x","attributes":{"a":100,"b":1},"kind":"event","session_id":"s"}""");

    [Fact]
    [Requirement("AUD-101", "AUD-116")]
    public async Task The_log_adds_what_is_missing_and_keeps_the_numbers_of_others()
    {
        using var fixture = new LogFixture();
        await using (AuditLog log = fixture.Open())
        {
            for (int i = 1; i <= 3; i++)
            {
                await log.AppendAsync(RecordDraft.Parse(Encoding.UTF8.GetBytes($$"""{"kind":"decision","decision":"allow","action":"a","agent_id":"x","emitter_id":"sidecar-1","emitter_seq":{{i}}}""")), TestContext.Current.CancellationToken);
                await log.AppendAsync(RecordDraft.Parse("""{"kind":"event","action":"a","agent_id":"x","record_id":"0190f3e2-0000-7000-8000-000000000001"}"""u8.ToArray()), TestContext.Current.CancellationToken);
            }
        }

        using (SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath))
        {
            JsonElement[] records = [.. store.ReadLeaves(0, 100).Select(leaf => JsonDocument.Parse(leaf).RootElement)];
            Assert.Equal(8, records.Length);
            Assert.Equal(["sidecar-1", "1"], [records[1].GetProperty("emitter_id").GetString()!, records[1].GetProperty("emitter_seq").ToString()]);
            Assert.Equal((1, 7), (records[1].GetProperty("v").GetInt32(), Guid.Parse(records[1].GetProperty("record_id").GetString()!).Version));
            Assert.True(records[1].TryGetProperty("occurred_at", out _));
            Assert.Equal("0190f3e2-0000-7000-8000-000000000001", records[2].GetProperty("record_id").GetString());
            Assert.Equal(["action", "agent_id", "emitter_id", "emitter_seq", "kind", "occurred_at", "record_id", "v"], records[2].EnumerateObject().Select(member => member.Name));
            LogVerification result = new LogVerifier(store, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken);
            Assert.True(result.IsValid, result.Error);
            Assert.DoesNotContain(result.Findings, finding => finding.Kind == "emitter_gap");
        }

        // What others let go is not in doubt here.
        await using AuditLog again = fixture.Open();
        Assert.Empty(again.InDoubt);
    }

    [Fact]
    [Requirement("AUD-116", "AUD-X10")]
    public async Task A_number_that_an_emitter_left_out_is_found()
    {
        using var fixture = new LogFixture();
        await using (AuditLog log = fixture.Open())
        {
            foreach (int i in new[] { 1, 2, 4 })
            {
                await log.AppendAsync(RecordDraft.Parse(Encoding.UTF8.GetBytes($$"""{"kind":"event","action":"a","agent_id":"x","emitter_id":"sidecar-1","emitter_seq":{{i}}}""")), TestContext.Current.CancellationToken);
            }
        }

        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        LogFinding gap = Assert.Single(new LogVerifier(store, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).Findings, finding => finding.Kind == "emitter_gap");
        Assert.Equal(3, gap.Index);
    }

    [Fact]
    [Requirement("AUD-X08", "AUD-X01")]
    public void What_is_hashed_cannot_be_read_in_two_ways()
    {
        string one = Canonical("""{"kind":"event","agent_id":"a|b","action":"c"}""");
        string two = Canonical("""{"kind":"event","agent_id":"a","action":"b|c"}""");
        Assert.NotEqual(one, two);
        Assert.NotEqual(Canonical("""{"kind":"event","agent_id":"a\",\"reason\":\"x","action":"c"}"""), Canonical("""{"kind":"event","agent_id":"a","reason":"x","action":"c"}"""));
    }

    private static string Canonical(string json)
    {
        RecordDraft draft = RecordDraft.Parse(Encoding.UTF8.GetBytes(json));
        return "{" + string.Join(',', draft.Members.Select(member => $"\"{member.Key}\":{Encoding.UTF8.GetString(member.Value)}")) + "}";
    }
}
