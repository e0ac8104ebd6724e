using System.Globalization;
using System.Text.Json;
using Agt.Audit.Export;
using Agt.Audit.Merkle;
using Agt.Audit.Statements;

namespace Agt.Audit.Bom;

/// <summary>Bills of materials in the forms of other tools (spec 09, AUD-814). Pure functions; thread-safe.</summary>
public static class BomExport
{
    /// <summary>The type of the statement's predicate.</summary>
    public const string PredicateType = "urn:agt:decision-bom:v1";

    /// <summary>States a bill of materials about a record: an in-toto statement whose subject is the hash of the leaf, so that a proof of the record is one of the statement.</summary>
    /// <param name="leaf">The record.</param>
    /// <param name="bom">Its bill of materials.</param>
    public static InTotoStatement ToStatement(ReadOnlyMemory<byte> leaf, DecisionBom bom)
    {
        ArgumentNullException.ThrowIfNull(bom);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            bom.WriteTo(writer);
        }

        return new InTotoStatement([new StatementSubject(bom.DecisionId, MerkleTree.HashLeaf(leaf.Span))], PredicateType, stream.ToArray());
    }

    /// <summary>Writes a bill of materials as CycloneDX 1.6 in JSON: the agent, and what took part in the decision as its components, by digest where there is one.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="leaf">The record.</param>
    /// <param name="bom">Its bill of materials.</param>
    public static void WriteCycloneDx(Utf8JsonWriter writer, ReadOnlyMemory<byte> leaf, DecisionBom bom)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(bom);
        LogHash hash = MerkleTree.HashLeaf(leaf.Span);
        using JsonDocument? document = RecordExport.Parse(leaf);
        JsonElement record = document?.RootElement ?? default;
        writer.WriteStartObject();
        writer.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        writer.WriteString("bomFormat", "CycloneDX");
        writer.WriteString("specVersion", "1.6");
        if (Guid.TryParse(bom.DecisionId, out Guid id))
        {
            writer.WriteString("serialNumber", "urn:uuid:" + id.ToString("D"));
        }

        writer.WriteNumber("version", 1);
        writer.WriteStartObject("metadata");
        writer.WriteString("timestamp", bom.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        writer.WriteStartObject("component");
        writer.WriteString("type", "application");
        writer.WriteString("bom-ref", "agent");
        writer.WriteString("name", bom.AgentId.Length > 0 ? bom.AgentId : "unknown");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("components");
        var references = new List<string>();
        WriteComponents(writer, record, bom, references);
        writer.WriteEndArray();
        writer.WriteStartArray("dependencies");
        writer.WriteStartObject();
        writer.WriteString("ref", "agent");
        writer.WriteStartArray("dependsOn");
        foreach (string reference in references)
        {
            writer.WriteStringValue(reference);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("properties");
        Property(writer, "agt:leaf_sha256", hash.ToString());
        Property(writer, "agt:action", bom.ActionRequested);
        Property(writer, "agt:outcome", bom.Outcome);
        Property(writer, "agt:completeness", bom.CompletenessScore.ToString(CultureInfo.InvariantCulture));
        foreach (BomField field in bom.Fields)
        {
            Property(writer, $"agt:{field.Category}:{field.Name}", field.IsInferred ? field.Value + " (inferred)" : field.Value);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter writer, JsonElement record, DecisionBom bom, List<string> references)
    {
        if (record.ValueKind == JsonValueKind.Object && record.TryGetProperty("policies", out JsonElement policies) && policies.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement policy in policies.EnumerateArray())
            {
                Component(writer, references, "data", "policy:" + (RecordExport.Text(policy, "id") ?? "unknown"), RecordExport.Text(policy, "id") ?? "unknown", RecordExport.Text(policy, "version"), RecordExport.Text(policy, "sha256"));
            }
        }

        foreach (BomField field in bom.Fields)
        {
            switch (field.Name)
            {
                case "tool_schema":
                    Component(writer, references, "library", "tool:" + bom.ActionRequested, bom.ActionRequested, null, field.Value);
                    break;
                case "model":
                    Component(writer, references, "machine-learning-model", "model:" + field.Value, field.Value, null, null);
                    break;
                case "engine":
                    int at = field.Value.IndexOf('/', StringComparison.Ordinal);
                    Component(writer, references, "framework", "engine", at < 0 ? field.Value : field.Value[..at], at < 0 ? null : field.Value[(at + 1)..], null);
                    break;
                case "adapter":
                    Component(writer, references, "framework", "adapter", field.Value, null, null);
                    break;
                default:
                    break;
            }
        }
    }

    private static void Component(Utf8JsonWriter writer, List<string> references, string type, string reference, string name, string? version, string? sha256)
    {
        // A reference is unique within a bill; two rules of one policy are one component.
        if (references.Contains(reference))
        {
            return;
        }

        references.Add(reference);
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("bom-ref", reference);
        writer.WriteString("name", name);
        if (version is not null)
        {
            writer.WriteString("version", version);
        }

        // Digests are written as sha256:HEX in fields, and as HEX in policies.
        if (sha256?[(sha256.IndexOf(':', StringComparison.Ordinal) + 1)..] is { Length: 64 } digest)
        {
            writer.WriteStartArray("hashes");
            writer.WriteStartObject();
            writer.WriteString("alg", "SHA-256");
            writer.WriteString("content", digest);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Property(Utf8JsonWriter writer, string name, string value)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("value", value);
        writer.WriteEndObject();
    }
}
