using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agt.Audit.Merkle;

namespace Agt.Audit.Export;

/// <summary>
/// Records in the forms that other systems read, one JSON object each: CloudEvents 1.0 and OCSF API Activity (spec 09, 3.10). The record's id is the event's id, so that what is sent twice is recognised.
/// </summary>
/// <remarks>Pure functions; thread-safe. A record that is no record of Agt is given as its bytes. What stands in the record always wins over its free attributes.</remarks>
public static class RecordExport
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly System.Collections.Frozen.FrozenDictionary<string, string> Types = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["tool_invocation"] = "tool.invoked", ["tool_blocked"] = "tool.blocked", ["policy_evaluation"] = "policy.evaluation", ["policy_violation"] = "policy.violation",
            ["trust_handshake"] = "trust.handshake", ["trust_score_updated"] = "trust.score.updated", ["agent_registered"] = "agent.registered", ["agent_verified"] = "agent.verified",
            ["audit_integrity"] = "audit.integrity.verified", ["identity_verification"] = "identity.verified", ["data_access"] = "data.accessed", ["delegation"] = "delegation.created",
        }, StringComparer.Ordinal);

    /// <summary>Writes a record as a CloudEvent in its JSON form.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="origin">The name of the log.</param>
    /// <param name="index">The record's place.</param>
    /// <param name="treeSize">The size of the checkpoint that covers it.</param>
    /// <param name="leaf">The record.</param>
    public static void WriteCloudEvent(System.Buffers.IBufferWriter<byte> output, string origin, long index, long treeSize, ReadOnlyMemory<byte> leaf)
    {
        using JsonDocument? document = Parse(leaf);
        JsonElement record = document?.RootElement ?? default;
        string type = Text(record, "event_type") ?? "record";
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteString("specversion", "1.0");
        writer.WriteString("id", Text(record, "record_id") ?? string.Create(CultureInfo.InvariantCulture, $"{origin}#{index}"));
        writer.WriteString("source", origin);
        writer.WriteString("type", "ai.agentmesh." + (Types.TryGetValue(type, out string? known) ? known : type));
        WriteText(writer, "subject", Agent(record));
        WriteText(writer, "time", Text(record, "occurred_at"));
        writer.WriteString("datacontenttype", "application/json");
        writer.WriteString("agentmeshentryhash", MerkleTree.HashLeaf(leaf.Span).ToString());

        // An integer of CloudEvents has 32 bits; an index may have more.
        writer.WriteString("agtlogindex", index.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("agttreesize", treeSize.ToString(CultureInfo.InvariantCulture));
        WriteText(writer, "traceid", Text(record, "trace_id"));
        WriteText(writer, "sessionid", Text(record, "session_id"));
        WriteData(writer, "data", record, leaf);
        writer.WriteEndObject();
    }

    /// <summary>Writes a record as OCSF API Activity (class 6003).</summary>
    /// <param name="output">Where to.</param>
    /// <param name="origin">The name of the log.</param>
    /// <param name="index">The record's place.</param>
    /// <param name="leaf">The record.</param>
    public static void WriteOcsf(System.Buffers.IBufferWriter<byte> output, string origin, long index, ReadOnlyMemory<byte> leaf)
    {
        using JsonDocument? document = Parse(leaf);
        JsonElement record = document?.RootElement ?? default;
        string decision = Text(record, "decision") ?? string.Empty;
        int activity = Activity(record);
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteNumber("category_uid", 6);
        writer.WriteNumber("class_uid", 6003);
        writer.WriteNumber("activity_id", activity);
        writer.WriteNumber("type_uid", 600_300 + activity);
        writer.WriteNumber("severity_id", Text(record, "severity") switch { "low" => 2, "medium" => 3, "high" => 4, "critical" => 5, _ => 1 });
        if (record.ValueKind == JsonValueKind.Object && record.TryGetProperty("occurred_at", out JsonElement at) && at.TryGetDateTimeOffset(out DateTimeOffset time))
        {
            writer.WriteNumber("time", time.ToUnixTimeMilliseconds());
        }

        writer.WriteStartObject("metadata");
        writer.WriteString("version", "1.9.0");
        writer.WriteStartArray("profiles");
        writer.WriteStringValue("security_control");
        writer.WriteStringValue("ai_operation");
        writer.WriteStringValue("record_integrity");
        writer.WriteEndArray();
        writer.WriteStartObject("product");
        writer.WriteString("name", "Agt");
        writer.WriteEndObject();
        writer.WriteString("uid", Text(record, "record_id") ?? string.Create(CultureInfo.InvariantCulture, $"{origin}#{index}"));
        writer.WriteString("log_name", origin);
        writer.WriteNumber("sequence", index);
        WriteText(writer, "correlation_uid", Text(record, "trace_id"));
        writer.WriteEndObject();
        writer.WriteNumber("action_id", decision switch { "allow" or "warn" => 1, "deny" => 2, _ => 0 });
        writer.WriteNumber("disposition_id", decision switch { "allow" => 1, "deny" => 2, "warn" => 19, "escalate" => 14, _ => 0 });
        writer.WriteStartObject("actor");
        writer.WriteStartObject("user");
        writer.WriteString("name", Agent(record) ?? "unknown");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("api");
        writer.WriteString("operation", Text(record, "action") ?? "unknown");
        writer.WriteEndObject();
        WritePolicy(writer, record);
        writer.WriteStartObject("attestation");
        writer.WriteStartObject("fingerprint");
        writer.WriteNumber("algorithm_id", 3);
        writer.WriteString("value", MerkleTree.HashLeaf(leaf.Span).ToString());
        writer.WriteEndObject();
        writer.WriteString("chain_uid", origin);
        writer.WriteEndObject();
        WriteData(writer, "unmapped", record, leaf);
        writer.WriteEndObject();
    }

    /// <summary>Writes a record in a form of single records.</summary>
    internal static void Write(System.Buffers.IBufferWriter<byte> output, RecordFormat format, Notes.Checkpoint checkpoint, Queries.AuditEntry entry)
    {
        switch (format)
        {
            case RecordFormat.CloudEvents:
                WriteCloudEvent(output, checkpoint.Origin, entry.Index, checkpoint.Size, entry.Leaf);
                break;
            case RecordFormat.Ocsf:
                WriteOcsf(output, checkpoint.Origin, entry.Index, entry.Leaf);
                break;
            default:
                System.Buffers.BuffersExtensions.Write(output, entry.Leaf.Span);
                break;
        }
    }

    private static void WritePolicy(Utf8JsonWriter writer, JsonElement record)
    {
        if (record.ValueKind == JsonValueKind.Object && record.TryGetProperty("policies", out JsonElement policies) && policies.ValueKind == JsonValueKind.Array && policies.GetArrayLength() > 0)
        {
            JsonElement policy = policies[policies.GetArrayLength() - 1];
            writer.WriteStartObject("policy");
            WriteText(writer, "name", Text(policy, "id"));
            WriteText(writer, "uid", Text(policy, "sha256"));
            WriteText(writer, "version", Text(policy, "version"));
            writer.WriteEndObject();
        }

        if (Text(record, "matched_rule") is { } rule)
        {
            writer.WriteStartObject("firewall_rule");
            writer.WriteString("name", rule);
            writer.WriteEndObject();
        }
    }

    /// <summary>Read, update or other, by what the tool declares.</summary>
    private static int Activity(JsonElement record)
    {
        string effects = record.ValueKind == JsonValueKind.Object && record.TryGetProperty("attributes", out JsonElement attributes) ? Text(attributes, "agt.effects") ?? string.Empty : string.Empty;
        return effects.Contains("writes", StringComparison.Ordinal) ? 3 : effects.Contains("reads", StringComparison.Ordinal) ? 2 : 99;
    }

    private static void WriteData(Utf8JsonWriter writer, string name, JsonElement record, ReadOnlyMemory<byte> leaf)
    {
        if (record.ValueKind == JsonValueKind.Undefined)
        {
            writer.WriteBase64String(name + "_base64", leaf.Span);
            return;
        }

        writer.WritePropertyName(name);
        record.WriteTo(writer);
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static string? Agent(JsonElement record) => Text(record, "agent_did") ?? Text(record, "agent_id");

    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static JsonDocument? Parse(ReadOnlyMemory<byte> leaf)
    {
        try
        {
            return JsonDocument.Parse(leaf, new JsonDocumentOptions { MaxDepth = 128 });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
