using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Tests;

/// <summary>A signed log in memory, of records as a test writes them down.</summary>
internal sealed class TestLog : IDisposable
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly List<byte[]> _leaves = [];

    internal AuditKey Key { get; } = AuditKey.Create("log.example/compliance");

    internal TrustPolicy Trust => TrustPolicy.Of(Key.Key);

    internal int Count => _leaves.Count;

    internal static DateTimeOffset At(int minute) => Start.AddMinutes(minute);

    /// <summary>Adds a record; its time is a minute after the one before.</summary>
    internal TestLog Add(string kind, params (string Name, JsonNode? Value)[] members)
    {
        var record = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["v"] = 1, ["kind"] = kind, ["action"] = "act", ["occurred_at"] = At(_leaves.Count).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["record_id"] = $"r-{_leaves.Count}",
        };
        foreach ((string name, JsonNode? value) in members)
        {
            record[name] = value;
        }

        return AddRaw(new JsonObject(record.Select(member => KeyValuePair.Create(member.Key, member.Value))).ToJsonString());
    }

    internal TestLog AddRaw(string leaf)
    {
        _leaves.Add(Encoding.UTF8.GetBytes(leaf));
        return this;
    }

    internal TestLog Decision(string decision = "allow", string agent = "billing-1", string? rule = "r1", string? reason = null, string tool = "Orders.Find", params (string Name, JsonNode? Value)[] more)
    {
        List<(string, JsonNode?)> members =
        [
            ("decision", decision), ("agent_id", agent), ("action", tool), ("event_type", "governance_decision"), ("policy_version", "sha256:00"), ("session_id", "s-1"), ("arguments_hash", "00"),
            ("reason_code", reason ?? (decision == "deny" ? "rule_denied" : "rule_matched")), ("attributes", Attributes(("agt.point", "pre_tool_call"))),
        ];
        if (rule is not null)
        {
            members.Add(("matched_rule", rule));
        }

        return Add("decision", [.. members, .. more]);
    }

    internal TestLog Probe(string name, bool passed) => Add("event", ("event_type", "compliance.probe"), ("agent_id", "log"), ("attributes", Attributes(("agt.probe", name), ("agt.probe_result", passed ? "pass" : "fail"))));

    internal TestLog Violation(string id, string control, string agent = "billing-1", string description = "Something was wrong.") =>
        Add("event", ("event_type", "compliance.violation"), ("agent_id", agent), ("severity", "high"), ("reason", description), ("attributes", Attributes(("agt.violation_id", id), ("agt.control", control), ("agt.framework_id", "soc2"))));

    internal TestLog Remediated(string id) => Add("event", ("event_type", "compliance.remediated"), ("agent_id", "log"), ("attributes", Attributes(("agt.violation_id", id))));

    internal static JsonObject Attributes(params (string Name, string Value)[] values) => new(values.Select(value => KeyValuePair.Create(value.Name, (JsonNode?)value.Value)));

    internal MemoryAuditStore Store(int? checkpointAt = null)
    {
        var store = new MemoryAuditStore();
        var tree = new CompactRange();
        int size = checkpointAt ?? _leaves.Count;
        LogHash root = MerkleTree.EmptyRoot;
        for (int first = 0; first < _leaves.Count; first += 1_000)
        {
            var batch = new AuditBatch();
            batch.Begin(first);
            foreach (byte[] leaf in _leaves.Skip(first).Take(1_000))
            {
                batch.Add(leaf);
            }

            batch.Integrate(tree);
            store.Append(batch);
        }

        root = size == 0 ? root : new Agt.Audit.Tiles.TileTree(store).Root(size);
        string text = new Checkpoint(Key.Key.Name, size, root).ToString();
        store.WriteCheckpoint(new SignedNote(text, [new NoteSignature(Key.Key.Name, Key.Key.KeyId, Key.Sign(text))]).ToUtf8());
        return store;
    }

    internal ComplianceReport Report(params string[] frameworks) 
    {
        using MemoryAuditStore store = Store();
        return new ComplianceReporter(store, Trust, PackLibrary.BuiltIn().Select(frameworks)).Create();
    }


    /// <summary>A report by a pack that a test writes down.</summary>
    internal ComplianceReport ReportBy(string pack, DateTimeOffset? from = null, DateTimeOffset? to = null, string? agent = null)
    {
        using MemoryAuditStore store = Store();
        PackLibrary library = PackLibrary.BuiltIn().With(Encoding.UTF8.GetBytes(pack), "test.yaml");
        return new ComplianceReporter(store, Trust, library.Select(["test"])) { From = from, To = to, Agent = agent }.Create();
    }

    internal static string Pack(params string[] controls) =>
        "schema: agt-compliance-pack/v1\nframework: test\ntitle: Test\nversion: 1\nsource: none\nreviewed: 2026-11-01\ncontrols:\n" + string.Concat(controls);

    internal static string Control(string id, params string[] checks) =>
        $"  - id: {id}\n    title: {id}\n    category: c\n    description: d\n" + (checks.Length == 0 ? string.Empty : "    checks:\n" + string.Concat(checks.Select(check => $"      - {{ text: t, {check} }}\n")));

    internal static JsonElement Json(ComplianceReport report) => JsonDocument.Parse(ReportJson.Write(report)).RootElement;

    public void Dispose() => Key.Dispose();
}
