using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agt.Audit.Queries;

namespace Agt.Audit.Export;

/// <summary>
/// Records as log records of OpenTelemetry, in the JSON form of OTLP (spec 09, AUD-954 and 955): each with the time, trace and span of the record itself, which a logger called later could not give it.
/// </summary>
/// <remarks>Pure functions; thread-safe.</remarks>
public static class OpenTelemetryLogs
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an <c>ExportLogsServiceRequest</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="resource">Where the records come from.</param>
    /// <param name="records">The records.</param>
    public static void Write(IBufferWriter<byte> output, OpenTelemetryResource resource, IReadOnlyList<AuditEntry> records)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(records);
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteStartArray("resourceLogs");
        writer.WriteStartObject();
        writer.WriteStartObject("resource");
        writer.WriteStartArray("attributes");
        Text(writer, "service.name", resource.ServiceName);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartArray("scopeLogs");
        writer.WriteStartObject();
        writer.WriteStartObject("scope");
        writer.WriteString("name", resource.Scope);
        writer.WriteEndObject();
        writer.WriteStartArray("logRecords");
        foreach (AuditEntry entry in records)
        {
            WriteRecord(writer, entry);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter writer, AuditEntry entry)
    {
        using JsonDocument? document = RecordExport.Parse(entry.Leaf);
        JsonElement record = document?.RootElement ?? default;
        string? decision = RecordExport.Text(record, "decision");
        string? time = RecordExport.Text(record, "occurred_at");
        (int number, string severity) = (decision, RecordExport.Text(record, "severity")) switch
        {
            (_, "critical") => (17, "ERROR"),
            ("deny" or "warn" or "escalate", _) => (13, "WARN"),
            _ => (9, "INFO"),
        };
        writer.WriteStartObject();
        if (DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset at))
        {
            writer.WriteString("timeUnixNano", ((at - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture));
            writer.WriteString("observedTimeUnixNano", ((at - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture));
        }

        writer.WriteNumber("severityNumber", number);
        writer.WriteString("severityText", severity);
        writer.WriteString("eventName", "agt.decision");
        if (RecordExport.Text(record, "trace_id") is { } trace)
        {
            writer.WriteString("traceId", trace);
        }

        if (RecordExport.Text(record, "span_id") is { } span)
        {
            writer.WriteString("spanId", span);
        }

        writer.WriteStartArray("attributes");
        WriteAttributes(writer, record, entry.Index);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, JsonElement record, long index)
    {
        Text(writer, "event.domain", "agent_os.governance");
        Text(writer, "event.name", "audit_entry");
        Member(writer, record, "event_type", "agt.audit.event_type");
        Member(writer, record, "kind", "agt.audit.kind");
        Member(writer, record, "action", "agt.audit.action");
        Member(writer, record, "decision", "agt.audit.decision");
        Member(writer, record, "reason", "agt.audit.reason");
        Member(writer, record, "reason_code", "agt.audit.reason_code");
        Member(writer, record, "outcome", "agt.audit.outcome");
        Member(writer, record, "matched_rule", "agt.audit.rule");
        Member(writer, record, "record_id", "agt.audit.record_id");
        Text(writer, "agt.audit.log_index", index.ToString(CultureInfo.InvariantCulture));
        if (record.ValueKind == JsonValueKind.Object && record.TryGetProperty("latency_ns", out JsonElement latency) && latency.TryGetInt64(out long nanoseconds))
        {
            Number(writer, "agt.audit.latency_ms", nanoseconds / 1e6);
        }

        string? agent = RecordExport.Text(record, "agent_did") ?? RecordExport.Text(record, "agent_id");
        Optional(writer, "agt.agent.id", agent);
        Optional(writer, "gen_ai.agent.id", agent);
        Member(writer, record, "session_id", "gen_ai.conversation.id");
        if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("attributes", out JsonElement attributes) || attributes.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (RecordExport.Text(attributes, "agt.operation") == "execute_tool")
        {
            Text(writer, "gen_ai.operation.name", "execute_tool");
            Member(writer, record, "action", "gen_ai.tool.name");
            Optional(writer, "gen_ai.tool.call.id", RecordExport.Text(attributes, "agt.call_id"));
        }

        foreach (JsonProperty attribute in attributes.EnumerateObject())
        {
            Text(writer, "agt.audit.meta." + attribute.Name, attribute.Value.ValueKind == JsonValueKind.String ? attribute.Value.GetString()! : attribute.Value.GetRawText());
        }
    }

    private static void Member(Utf8JsonWriter writer, JsonElement record, string member, string name) => Optional(writer, name, RecordExport.Text(record, member));

    private static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            Text(writer, name, value);
        }
    }

    private static void Text(Utf8JsonWriter writer, string name, string value)
    {
        writer.WriteStartObject();
        writer.WriteString("key", name);
        writer.WriteStartObject("value");
        writer.WriteString("stringValue", value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, double value)
    {
        writer.WriteStartObject();
        writer.WriteString("key", name);
        writer.WriteStartObject("value");
        writer.WriteNumber("doubleValue", value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
