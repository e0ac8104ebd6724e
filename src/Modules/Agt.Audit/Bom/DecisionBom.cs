using System.Globalization;
using System.Text.Json;
using Agt.Audit.Export;

namespace Agt.Audit.Bom;

/// <summary>
/// The bill of materials of one decision: who acted, how far it was trusted, which policies and rules spoke, what was asked for and what came out (spec 09, 3.8). Agt writes it into the record when it decides;
/// <see cref="BomReconstructor"/> works it out afterwards for records of others. Immutable.
/// </summary>
public sealed record DecisionBom
{
    private static readonly string[] Required = ["agent_identity", "trust_score_at_decision", "policy_rules_evaluated", "action_type", "decision_outcome"];

    /// <summary>The id of the record, or of the trace it was worked out for.</summary>
    public string DecisionId { get; init; } = string.Empty;

    /// <summary>When it was decided.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Who acted; empty if nobody knows.</summary>
    public string AgentId { get; init; } = string.Empty;

    /// <summary>What was asked for; empty if nobody knows.</summary>
    public string ActionRequested { get; init; } = string.Empty;

    /// <summary><c>allow</c>, <c>warn</c>, <c>escalate</c> or <c>deny</c>; <c>unknown</c> if nobody says.</summary>
    public string Outcome { get; init; } = "unknown";

    /// <summary>When it was worked out; null if it was recorded with the decision.</summary>
    public DateTimeOffset? ReconstructedAt { get; init; }

    /// <summary>The sources that contributed.</summary>
    public IReadOnlyList<string> SourcesQueried { get; init; } = [];

    /// <summary>The items.</summary>
    public IReadOnlyList<BomField> Fields { get; init; } = [];

    /// <summary>How much of what every decision needs is there: of five required items, the part that is; 0 to 1.</summary>
    public double CompletenessScore => Required.Count(name => Fields.Any(item => item.Name == name)) / (double)Required.Length;

    /// <summary>Reads the bill of materials of a decision record of Agt; null if it is none.</summary>
    /// <param name="leaf">The record.</param>
    public static DecisionBom? FromRecord(ReadOnlyMemory<byte> leaf)
    {
        using JsonDocument? document = RecordExport.Parse(leaf);
        JsonElement record = document?.RootElement ?? default;
        if (RecordExport.Text(record, "kind") != "decision" || !record.TryGetProperty("bom", out JsonElement bom) || bom.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var fields = new List<BomField>(bom.GetArrayLength() + 4);
        foreach (JsonElement field in bom.EnumerateArray())
        {
            if (RecordExport.Text(field, "name") is { } name && RecordExport.Text(field, "category") is { } category && RecordExport.Text(field, "value") is { } value)
            {
                fields.Add(new BomField(
                    name, category, value, RecordExport.Text(field, "source") ?? "record", field.TryGetProperty("confidence", out JsonElement confidence) && confidence.TryGetDouble(out double sure) ? sure : 1.0,
                    field.TryGetProperty("inferred", out JsonElement inferred) && inferred.ValueKind == JsonValueKind.True));
            }
        }

        AddOptional(fields, record);
        return new DecisionBom
        {
            DecisionId = RecordExport.Text(record, "record_id") ?? string.Empty,
            Timestamp = record.TryGetProperty("occurred_at", out JsonElement at) && at.TryGetDateTimeOffset(out DateTimeOffset time) ? time : default,
            AgentId = RecordExport.Text(record, "agent_did") ?? RecordExport.Text(record, "agent_id") ?? string.Empty,
            ActionRequested = RecordExport.Text(record, "action") ?? string.Empty,
            Outcome = RecordExport.Text(record, "decision") ?? "unknown",
            SourcesQueried = ["record"],
            Fields = fields,
        };
    }

    /// <summary>Its members by name, as other systems read them.</summary>
    public IReadOnlyDictionary<string, object?> ToDictionary() => new SortedDictionary<string, object?>(StringComparer.Ordinal)
    {
        ["decision_id"] = DecisionId,
        ["timestamp"] = Time(Timestamp),
        ["agent_id"] = AgentId,
        ["action_requested"] = ActionRequested,
        ["outcome"] = Outcome,
        ["reconstructed_at"] = ReconstructedAt is { } at ? Time(at) : null,
        ["sources_queried"] = SourcesQueried,
        ["completeness_score"] = CompletenessScore,
        ["fields"] = Fields.Select(field => new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = field.Name, ["category"] = field.Category, ["value"] = field.Value, ["source"] = field.Source, ["confidence"] = field.Confidence, ["inferred"] = field.IsInferred,
        }).ToArray(),
    };

    /// <summary>Writes it as one JSON object.</summary>
    /// <param name="writer">Where to.</param>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("decision_id", DecisionId);
        writer.WriteString("timestamp", Time(Timestamp));
        writer.WriteString("agent_id", AgentId);
        writer.WriteString("action_requested", ActionRequested);
        writer.WriteString("outcome", Outcome);
        if (ReconstructedAt is { } at)
        {
            writer.WriteString("reconstructed_at", Time(at));
        }

        writer.WriteStartArray("sources_queried");
        foreach (string source in SourcesQueried)
        {
            writer.WriteStringValue(source);
        }

        writer.WriteEndArray();
        writer.WriteNumber("completeness_score", CompletenessScore);
        writer.WriteStartArray("fields");
        foreach (BomField field in Fields)
        {
            writer.WriteStartObject();
            writer.WriteString("name", field.Name);
            writer.WriteString("category", field.Category);
            writer.WriteString("value", field.Value);
            writer.WriteString("source", field.Source);
            writer.WriteNumber("confidence", field.Confidence);
            writer.WriteBoolean("inferred", field.IsInferred);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What the record says elsewhere and belongs to the bill.</summary>
    private static void AddOptional(List<BomField> fields, JsonElement record)
    {
        Add("otel_trace_id", "lineage", RecordExport.Text(record, "trace_id"));
        Add("session_context", "context", RecordExport.Text(record, "session_id"));
        Add("resource_target", "action", RecordExport.Text(record, "resource"));
        Add("arguments_hash", "action", RecordExport.Text(record, "arguments_hash"));
        Add("adapter", "context", record.TryGetProperty("attributes", out JsonElement attributes) ? RecordExport.Text(attributes, "agt.framework") : null);
        if (!record.TryGetProperty("policies", out JsonElement policies) || policies.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (JsonElement policy in policies.EnumerateArray())
        {
            if (RecordExport.Text(policy, "id") is { } id && RecordExport.Text(policy, "sha256") is { } digest)
            {
                Add("policy_document", "policy", $"{id}@{RecordExport.Text(policy, "version") ?? "0"} sha256:{digest}");
            }
        }

        void Add(string name, string category, string? value)
        {
            if (value is not null)
            {
                fields.Add(new BomField(name, category, value, "record"));
            }
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
