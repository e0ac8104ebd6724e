using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agt.Cli.Audit;

/// <summary>How a record looks to a person: a line of it, or all of it.</summary>
internal static class RecordView
{
    /// <summary>Every member on a line of its own.</summary>
    internal static void Write(CliHost host, ReadOnlyMemory<byte> leaf)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf);
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                switch (member.Value.ValueKind)
                {
                    case JsonValueKind.Object:
                        foreach (JsonProperty inner in member.Value.EnumerateObject())
                        {
                            Member(host, member.Name + " " + inner.Name, inner.Value);
                        }

                        break;
                    case JsonValueKind.Array when member.Name == "bom":
                        foreach (JsonElement field in member.Value.EnumerateArray())
                        {
                            Member(host, "bom " + Text(field, "name"), field.TryGetProperty("value", out JsonElement value) ? value : field);
                        }

                        break;
                    default:
                        Member(host, member.Name, member.Value);
                        break;
                }
            }
        }
        catch (JsonException)
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  {leaf.Length} bytes that are no JSON"));
        }
    }

    private static void Member(CliHost host, string name, JsonElement value) =>
        host.Text.WriteLine($"  {CliHost.Clean(name),-32} {CliHost.Clean(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText())}");

    /// <summary>When, who, what and how it was decided.</summary>
    internal static string Line(long index, ReadOnlyMemory<byte> leaf)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf);
            JsonElement record = document.RootElement;
            string kind = Text(record, "kind");
            string said = kind switch
            {
                "decision" => Text(record, "decision"),
                "outcome" => record.TryGetProperty("outcome", out JsonElement outcome) ? outcome.GetString()! : "success",
                _ => Text(record, "event_type"),
            };
            if (record.TryGetProperty("approver_did", out JsonElement approver))
            {
                said += " by " + approver.GetString();
            }

            string color = said switch { "deny" or "denied" => "red", "warn" or "failure" or "error" => "yellow", _ => "default" };
            string agent = Text(record, "agent_did") is { Length: > 0 } did ? did : Text(record, "agent_id");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{index,8}  {CliHost.Shown(Text(record, "occurred_at"))}  {CliHost.Shown(kind),-8}  [{color}]{CliHost.Shown(said),-11}[/]  {CliHost.Shown(agent),-16}  {CliHost.Shown(Text(record, "action"))}  {CliHost.Shown(Text(record, "matched_rule"))}").TrimEnd();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{index,8}  {leaf.Length} bytes that are no record of Agt");
        }
    }

    /// <summary>The record as it stands in the log, or as text if it is no JSON.</summary>
    internal static void WriteJson(Utf8JsonWriter writer, ReadOnlyMemory<byte> leaf)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf);
            document.RootElement.WriteTo(writer);
        }
        catch (JsonException)
        {
            writer.WriteStringValue(Encoding.UTF8.GetString(leaf.Span));
        }
    }

    private static string Text(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
}
