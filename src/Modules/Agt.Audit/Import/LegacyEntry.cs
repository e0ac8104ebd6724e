using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Export;
using Agt.Audit.Records;

namespace Agt.Audit.Import;

/// <summary>One line of a hash chain of the older toolkit, and the hash that it should have (spec 09, 5.6).</summary>
internal static class LegacyEntry
{
    private static readonly string[] Hashed = ["action", "agent_did", "data", "entry_id", "event_type", "outcome", "previous_hash", "resource", "timestamp"];
    private static readonly string[] Unattested = ["policy_decision", "matched_rule", "trace_id", "session_id", "target_did"];

    /// <summary>The hash of an entry: SHA-256 of its members as that toolkit writes them, sorted, with spaces, and everything beyond ASCII escaped.</summary>
    internal static string HashOf(JsonElement entry)
    {
        var text = new StringBuilder("{");
        foreach (string name in Hashed)
        {
            text.Append(text.Length > 1 ? ", " : string.Empty).Append('"').Append(name).Append("\": ");
            if (name == "timestamp")
            {
                Quote(text, IsoFormat(RecordExport.Text(entry, name) ?? string.Empty));
            }
            else if (entry.TryGetProperty(name, out JsonElement value))
            {
                Write(text, value);
            }
            else
            {
                text.Append("null");
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text.Append('}').ToString())));
    }

    /// <summary>The entry as a record: what its hash covers, and beside it, marked, what it does not.</summary>
    internal static RecordDraft ToDraft(JsonElement entry, string hash)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            string agent = RecordExport.Text(entry, "agent_did") is { Length: > 0 } did ? did : "unknown";
            writer.WriteStartObject();
            writer.WriteString("kind", "imported");
            writer.WriteString("action", RecordExport.Text(entry, "action") is { Length: > 0 } action ? action : "unknown");
            writer.WriteString(agent.StartsWith("did:", StringComparison.Ordinal) ? "agent_did" : "agent_id", agent);
            writer.WriteString("event_type", RecordExport.Text(entry, "event_type") ?? string.Empty);
            writer.WriteString("resource", RecordExport.Text(entry, "resource") ?? string.Empty);
            writer.WriteString("occurred_at", IsoFormat(RecordExport.Text(entry, "timestamp") ?? string.Empty));
            string outcome = RecordExport.Text(entry, "outcome") ?? "success";
            if (outcome is "success" or "failure" or "denied" or "error")
            {
                writer.WriteString("outcome", outcome);
            }

            writer.WriteStartObject("attributes");
            writer.WriteString("agt.legacy_entry_id", RecordExport.Text(entry, "entry_id"));
            writer.WriteString("agt.legacy_hash", hash);
            writer.WriteString("agt.legacy_outcome", outcome);
            writer.WriteString("agt.legacy_previous_hash", RecordExport.Text(entry, "previous_hash"));
            if (entry.TryGetProperty("data", out JsonElement data) && data.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                writer.WritePropertyName("agt.legacy_data");
                data.WriteTo(writer);
            }

            writer.WriteStartObject("agt.unattested");
            foreach (string name in Unattested)
            {
                if (entry.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return RecordDraft.Parse(stream.ToArray());
    }

    /// <summary>A time as Python writes it: with its offset, and with six digits of a second or none.</summary>
    private static string IsoFormat(string text)
    {
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return text;
        }

        bool whole = time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond == 0;
        return time.ToString(whole ? "yyyy-MM-dd'T'HH:mm:sszzz" : "yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
    }

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                bool any = false;
                foreach (JsonProperty member in value.EnumerateObject().OrderBy(member => member.Name, CodePoints.Instance))
                {
                    text.Append(any ? ", " : string.Empty);
                    any = true;
                    Quote(text, member.Name);
                    text.Append(": ");
                    Write(text, member.Value);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                bool some = false;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(some ? ", " : string.Empty);
                    some = true;
                    Write(text, item);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                Quote(text, value.GetString()!);
                break;
            default:
                // A number stands in the file as that toolkit wrote it.
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                default:
                    _ = c is < ' ' or > '~' ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }

    /// <summary>The order in which Python sorts texts: by code points, not by UTF-16.</summary>
    private sealed class CodePoints : IComparer<string>
    {
        internal static readonly CodePoints Instance = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
