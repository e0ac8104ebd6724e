using System.Text;
using System.Text.Json;
using Agt.Audit.Bom;
using Agt.Audit.Merkle;
using Agt.Audit.Statements;
using Agt.Storage.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Audit.Tests.Bom;

public sealed class BomTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly byte[] Leaf = """
        {"action":"Mail.Send","agent_did":"did:mesh:a","attributes":{"agt.framework":"semantic-kernel"},"bom":[{"category":"identity","name":"agent_identity","source":"session","value":"did:mesh:a"},{"category":"action","name":"action_type","source":"adapter","value":"execute_tool"},{"category":"context","name":"engine","source":"chain","value":"agt/0.1.0"},{"category":"outcome","name":"decision_outcome","source":"chain","value":"deny"},{"category":"policy","name":"policy_rules_evaluated","source":"chain","value":"no-mail"},{"category":"action","name":"tool_schema","source":"adapter","value":"sha256:aa00000000000000000000000000000000000000000000000000000000000000"}],"decision":"deny","kind":"decision","occurred_at":"2026-01-02T03:04:05.000000Z","policies":[{"effect":"deny","id":"mail","rule":"no-mail","sha256":"bb00000000000000000000000000000000000000000000000000000000000000","version":"2"},{"effect":"deny","id":"mail","rule":"no-mail-2","sha256":"bb00000000000000000000000000000000000000000000000000000000000000","version":"2"}],"record_id":"0190f3e2-0000-7000-8000-000000000001","session_id":"s1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","v":1}
        """u8.ToArray();

    [Fact]
    [Requirement("AUD-802", "AUD-803", "AUD-804", "AUD-813")]
    [Requirement("AUD-805", Partial = "policies, tool, engine and adapter; models, prompts and plugins come with the modules that know their digests")]
    public void What_was_recorded_with_the_decision_is_its_bill_of_materials()
    {
        DecisionBom bom = DecisionBom.FromRecord(Leaf)!;
        Assert.Equal(("0190f3e2-0000-7000-8000-000000000001", At, "did:mesh:a", "Mail.Send", "deny"), (bom.DecisionId, bom.Timestamp, bom.AgentId, bom.ActionRequested, bom.Outcome));
        Assert.Equal(0.8, bom.CompletenessScore);
        Assert.Equal(new BomField("agent_identity", "identity", "did:mesh:a", "session"), bom.Fields[0]);
        Assert.Contains(new BomField("adapter", "context", "semantic-kernel", "record"), bom.Fields);
        Assert.Contains(new BomField("otel_trace_id", "lineage", Trace, "record"), bom.Fields);
        Assert.All(bom.Fields, item => Assert.Contains(item.Category, new[] { "identity", "trust", "policy", "action", "context", "outcome", "lineage" }));
        Assert.Equal(
            ["action_requested", "agent_id", "completeness_score", "decision_id", "fields", "outcome", "reconstructed_at", "sources_queried", "timestamp"],
            bom.ToDictionary().Keys);
        Assert.Equal((1.0, false), (bom.Fields[0].Confidence, bom.Fields[0].IsInferred));
        Assert.Equal(0.0, new DecisionBom().CompletenessScore);
        Assert.Equal(0.2, new DecisionBom { Fields = [bom.Fields[0], bom.Fields[0]] }.CompletenessScore);
        Assert.Null(DecisionBom.FromRecord("{\"kind\":\"event\"}"u8.ToArray()));
        Assert.Null(DecisionBom.FromRecord("no json"u8.ToArray()));
    }

    [Fact]
    [Requirement("AUD-814", Partial = "in-toto and CycloneDX; SPDX is not written")]
    public void It_is_stated_about_the_hash_of_the_record()
    {
        InTotoStatement statement = BomExport.ToStatement(Leaf, DecisionBom.FromRecord(Leaf)!);
        Assert.Equal(MerkleTree.HashLeaf(Leaf), Assert.Single(statement.Subjects).Sha256);
        Assert.Equal("urn:agt:decision-bom:v1", statement.PredicateType);
        Assert.Equal("deny", JsonDocument.Parse(statement.Predicate).RootElement.GetProperty("outcome").GetString());
        Assert.True(InTotoStatement.TryParse(statement.ToUtf8(), out _, out string? error), error);
    }

    [Fact]
    [Requirement("AUD-814", Partial = "in-toto and CycloneDX; SPDX is not written")]
    public void CycloneDx_names_what_took_part_by_digest()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            BomExport.WriteCycloneDx(writer, Leaf, DecisionBom.FromRecord(Leaf)!);
        }

        JsonElement bom = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal(("CycloneDX", "1.6", "urn:uuid:0190f3e2-0000-7000-8000-000000000001"), (bom.GetProperty("bomFormat").GetString(), bom.GetProperty("specVersion").GetString(), bom.GetProperty("serialNumber").GetString()));
        Assert.Equal("did:mesh:a", bom.GetProperty("metadata").GetProperty("component").GetProperty("name").GetString());
        (string?, string?, string?)[] components =
        [
            .. bom.GetProperty("components").EnumerateArray().Select(component => (
                component.GetProperty("type").GetString(), component.GetProperty("bom-ref").GetString(),
                component.TryGetProperty("hashes", out JsonElement hashes) ? hashes[0].GetProperty("content").GetString()![..2] : null)),
        ];
        Assert.Equal([("data", "policy:mail", "bb"), ("framework", "engine", null), ("library", "tool:Mail.Send", "aa"), ("framework", "adapter", null)], components);
        Assert.Equal(components.Select(component => component.Item2), bom.GetProperty("dependencies")[0].GetProperty("dependsOn").EnumerateArray().Select(reference => reference.GetString()));
        Assert.Contains(bom.GetProperty("properties").EnumerateArray(), property => property.GetProperty("name").GetString() == "agt:leaf_sha256" && property.GetProperty("value").GetString() == MerkleTree.HashLeaf(Leaf).ToString());
    }

    [Fact]
    [Requirement("AUD-806", "AUD-803")]
    public void Without_sources_nothing_is_known()
    {
        var none = new BomReconstructor();
        Assert.Empty(none.AvailableSources);
        DecisionBom bom = none.Reconstruct(Trace);
        Assert.Equal((0.0, "unknown"), (bom.CompletenessScore, bom.Outcome));
        Assert.Empty(bom.SourcesQueried);
        Assert.Empty(none.ReconstructMany("a", At, At));
        Assert.Equal(["audit", "trace"], new BomReconstructor(audit: new Known(), trace: new Known()).AvailableSources);
    }

    [Fact]
    [Requirement("AUD-806", "AUD-803")]
    public void The_audit_trail_alone_gives_three_of_five()
    {
        DecisionBom bom = new BomReconstructor(audit: new Known(Evidence())).Reconstruct(Trace);
        Assert.Equal(0.6, bom.CompletenessScore);
        Assert.Equal(["audit"], bom.SourcesQueried);
        Assert.Equal(("billing", "Mail.Send", "allow", At), (bom.AgentId, bom.ActionRequested, bom.Outcome, bom.Timestamp));
    }

    [Theory]
    [InlineData(5_000, true)]
    [InlineData(-5_000, true)]
    [InlineData(5_001, false)]
    [InlineData(-5_001, false)]
    [Requirement("AUD-807")]
    public void Five_seconds_to_both_sides_count(int milliseconds, bool counts)
    {
        var source = new Known(Evidence() with { At = At.AddMilliseconds(milliseconds), TraceId = null });
        Assert.Equal(counts ? ["audit"] : [], new BomReconstructor(audit: source).Reconstruct(agent: "billing", at: At).SourcesQueried);
    }

    [Fact]
    [Requirement("AUD-807")]
    public void A_trace_or_an_agent_and_a_time_are_needed()
    {
        var reconstructor = new BomReconstructor();
        Assert.Throws<ArgumentException>(() => reconstructor.Reconstruct());
        Assert.Throws<ArgumentException>(() => reconstructor.Reconstruct(agent: "a"));
        Assert.Throws<ArgumentException>(() => reconstructor.Reconstruct(at: At));
        Assert.Throws<ArgumentException>(() => reconstructor.Reconstruct(string.Empty, string.Empty, At));
    }

    [Fact]
    [Requirement("AUD-808")]
    public void A_source_that_fails_is_told_and_left_out()
    {
        var collector = new FakeLogCollector();
        DecisionBom bom = new BomReconstructor(new Known(Evidence()), new Fails(), new Known(), new Known(Evidence() with { Action = null, Outcome = null }), new FakeTimeProvider(At), new FakeLogger(collector)).Reconstruct(Trace);
        Assert.Equal(["audit", "trace"], bom.SourcesQueried);
        Assert.Equal(At, bom.ReconstructedAt);
        Assert.Equal((LogLevel.Warning, "The source 'trust' of bills of materials failed and is left out."), collector.GetSnapshot().Select(record => (record.Level, record.Message)).Single());
    }

    [Fact]
    [Requirement("AUD-809")]
    public void The_trend_of_trust_is_the_last_minute()
    {
        BomEvidence[] scores = [Score(-61, 100), Score(-60, 650), Score(-30, 660), Score(-1, 700), Score(3, 900)];
        DecisionBom bom = new BomReconstructor(audit: new Known(Evidence()), trust: new Known(scores)).Reconstruct(Trace);
        Assert.Equal("700", bom.Fields.Single(item => item.Name == "trust_score_at_decision").Value);
        BomField trend = bom.Fields.Single(item => item.Name == "trust_score_trend");
        Assert.Equal(("50", true), (trend.Value, trend.IsInferred));

        DecisionBom single = new BomReconstructor(audit: new Known(Evidence()), trust: new Known(Score(-1, 0))).Reconstruct(Trace);
        Assert.Equal("0", single.Fields.Single(item => item.Name == "trust_score_at_decision").Value);
        Assert.DoesNotContain(single.Fields, item => item.Name == "trust_score_trend");
        Assert.Equal(0.8, single.CompletenessScore);
    }

    [Theory]
    [InlineData("allow", "allow", "allow", false)]
    [InlineData("allow", "deny", "deny", true)]
    [InlineData("warn", "allow", "warn", true)]
    [InlineData("escalate", "alert", "escalate", true)]
    [InlineData("escalate", "blocked", "deny", true)]
    [InlineData("audit", "log", "warn", false)]
    [InlineData("allow", "something new", "deny", true)]
    [Requirement("AUD-810", "AUD-X11", "AUD-120")]
    public void The_most_restrictive_word_counts_and_a_contradiction_is_said(string audit, string trace, string outcome, bool conflict)
    {
        DecisionBom bom = new BomReconstructor(audit: new Known(Evidence() with { Outcome = audit }), trace: new Known(Evidence() with { Outcome = trace })).Reconstruct(Trace);
        Assert.Equal(outcome, bom.Outcome);
        Assert.Equal(conflict, bom.Fields.Any(item => item.Name == "decision_conflict"));
        Assert.Equal(outcome, bom.Fields.Single(item => item.Name == "decision_outcome").Value);
    }

    [Fact]
    [Requirement("AUD-811")]
    public void Agents_of_one_trace_are_a_chain_in_the_order_they_were_seen()
    {
        BomEvidence[] evidence = [Evidence() with { Agent = "b", At = At.AddSeconds(1) }, Evidence() with { Agent = "a" }, Evidence() with { Agent = "a", At = At.AddSeconds(2) }];
        BomField chain = new BomReconstructor(audit: new Known(evidence)).Reconstruct(Trace).Fields.Single(item => item.Name == "delegation_chain");
        Assert.Equal(("a,b", true), (chain.Value, chain.IsInferred));
    }

    [Fact]
    [Requirement("AUD-812")]
    public void Many_are_grouped_by_trace_and_sorted_by_time_and_one_that_fails_stops_no_other()
    {
        var source = new Known(
            Evidence() with { At = At.AddMinutes(2), TraceId = "t2" }, Evidence() with { At = At.AddMinutes(2).AddSeconds(1), TraceId = "t2" },
            Evidence() with { At = At.AddMinutes(1), TraceId = null }, Evidence() with { At = At, TraceId = "t1" }, Evidence() with { At = At.AddHours(2), TraceId = "late" });
        IReadOnlyList<DecisionBom> found = new BomReconstructor(audit: source, policy: new Fails()).ReconstructMany("billing", At, At.AddHours(1));
        Assert.Equal([At, At.AddMinutes(1), At.AddMinutes(2)], found.Select(bom => bom.Timestamp));
        Assert.Equal(["t1", "t2"], found.Select(bom => bom.DecisionId).Where(id => id.StartsWith('t')));
    }

    [Fact]
    [Requirement("AUD-806", "AUD-808")]
    public async Task The_index_of_a_log_is_a_source()
    {
        string directory = Directory.CreateTempSubdirectory("agt-bom-").FullName;
        try
        {
            using var key = Agt.Audit.Signing.AuditKey.Create("log.example/bom");
            var options = new AuditOptions { Directory = directory, Origin = key.Key.Name, CheckpointCopy = Path.Combine(directory, "copy") };
            await using AuditLog log = AuditLog.Open(SqliteAuditStore.Open(directory), key, options);
            for (int i = 0; i < 20; i++)
            {
                await log.AppendAsync(new AuditEvent("event", "tool", "Mail.Send") { Agent = AgentId.Parse("billing"), OccurredAt = At.AddSeconds(i) }, TestContext.Current.CancellationToken);
            }

            var reconstructor = new BomReconstructor(audit: new AuditIndexBomSource(log.Index!));
            Assert.Equal(("Mail.Send", "billing"), (reconstructor.Reconstruct(agent: "billing", at: At).ActionRequested, reconstructor.Reconstruct(agent: "billing", at: At).AgentId));
            Assert.Equal(11, reconstructor.ReconstructMany("billing", At.AddSeconds(5), At.AddSeconds(15)).Count);
            Assert.Empty(reconstructor.Reconstruct(agent: "other", at: At).Fields);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static BomEvidence Evidence() => new(At) { Agent = "billing", TraceId = Trace, Action = "Mail.Send", Outcome = "allow" };

    private static BomEvidence Score(int seconds, int score) => new(At.AddSeconds(seconds)) { Agent = "billing", TrustScore = score };

    private sealed class Known(params BomEvidence[] evidence) : IBomSource
    {
        public IReadOnlyList<BomEvidence> Find(BomQuestion question) => evidence;
    }

    private sealed class Fails : IBomSource
    {
        public IReadOnlyList<BomEvidence> Find(BomQuestion question) => throw new IOException("away");
    }
}
