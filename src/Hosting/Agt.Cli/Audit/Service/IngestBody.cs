using System.Text.Json;
using System.Text.Json.Nodes;
using Agt.Audit.Records;

namespace Agt.Cli.Audit.Service;

/// <summary>Reads what is handed in, also in the words of the older toolkit: <c>policy_decision</c>, <c>timestamp</c>, <c>data</c>, <c>metadata</c>, <c>latency_ms</c>, and no <c>kind</c>.</summary>
internal static class IngestBody
{
    private static readonly (string Old, string New)[] Names = [("policy_decision", "decision"), ("timestamp", "occurred_at"), ("policy_name", "matched_rule")];

    /// <summary>Reads one record.</summary>
    /// <exception cref="InvalidRecordException">It cannot be one.</exception>
    internal static RecordDraft Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > RecordDraft.MaxBytes)
        {
            throw new InvalidRecordException($"A record has {RecordDraft.MaxBytes} bytes at most.");
        }

        JsonNode? node;
        try
        {
            node = JsonNode.Parse(utf8.Span, null, new JsonDocumentOptions { MaxDepth = 24, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new InvalidRecordException("A record is a JSON object without duplicate members: " + exception.Message, exception);
        }

        return Parse(node as JsonObject ?? throw new InvalidRecordException("A record is a JSON object."));
    }

    internal static RecordDraft Parse(JsonObject record)
    {
        try
        {
            foreach ((string old, string name) in Names)
            {
                if (record.Remove(old, out JsonNode? value) && !record.ContainsKey(name))
                {
                    record[name] = value;
                }
            }

            foreach (string free in new[] { "data", "metadata" })
            {
                if (record.Remove(free, out JsonNode? value) && value is not null)
                {
                    JsonObject attributes = record["attributes"] as JsonObject ?? [];
                    attributes["x." + free] = value;
                    record["attributes"] = attributes;
                }
            }

            if (record.Remove("latency_ms", out JsonNode? latency) && latency is JsonValue milliseconds && milliseconds.TryGetValue(out double number) && number is >= 0 and < 1e9)
            {
                record["latency_ns"] = (long)(number * 1e6);
            }

            record.TryAdd("kind", record.ContainsKey("decision") ? "decision" : "event");
            return RecordDraft.Parse(JsonSerializer.SerializeToUtf8Bytes(record, IngestJson.Default.JsonObject));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidRecordException("A text of the record is no Unicode text, or a number is none.", exception);
        }
    }
}
