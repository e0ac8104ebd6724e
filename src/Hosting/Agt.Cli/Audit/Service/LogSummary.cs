using System.Text.Json;
using Agt.Audit.Stores;

namespace Agt.Cli.Audit.Service;

/// <summary>What a log is about, counted once and then only what is new. Thread-safe.</summary>
internal sealed class LogSummary
{
    private const int MaxNames = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _decisions = new(StringComparer.Ordinal);
    private long _next = -1;
    private string? _earliest;
    private string? _latest;

    /// <summary>Writes the summary of a log as it is now.</summary>
    internal void Write(Utf8JsonWriter writer, IAuditStore store)
    {
        lock (_lock)
        {
            _next = Math.Max(_next, store.First);
            foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(_next, store.Size - _next))
            {
                Count(leaf);
                _next++;
            }

            writer.WriteNumber("total", store.Size);
            writer.WriteNumber("first_kept", store.First);
            writer.WriteString("earliest", _earliest);
            writer.WriteString("latest", _latest);
            Write(writer, "agents", _agents);
            Write(writer, "event_types", _types);
            Write(writer, "decisions", _decisions);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, Dictionary<string, long> counts)
    {
        writer.WriteStartObject(name);
        foreach ((string key, long count) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteNumber(key, count);
        }

        writer.WriteEndObject();
    }

    private static void Add(Dictionary<string, long> counts, string? key)
    {
        if (key is { Length: > 0 } && (counts.Count < MaxNames || counts.ContainsKey(key)))
        {
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    private void Count(ReadOnlyMemory<byte> leaf)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf);
            JsonElement record = document.RootElement;
            Add(_agents, Text(record, "agent_did") ?? Text(record, "agent_id"));
            Add(_types, Text(record, "event_type"));
            Add(_decisions, Text(record, "decision"));
            if (Text(record, "occurred_at") is { } at)
            {
                _earliest = _earliest is null || string.CompareOrdinal(at, _earliest) < 0 ? at : _earliest;
                _latest = _latest is null || string.CompareOrdinal(at, _latest) > 0 ? at : _latest;
            }
        }
        catch (JsonException)
        {
            Add(_types, "unreadable");
        }
    }

    private static string? Text(JsonElement record, string name) => record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
