using System.Globalization;
using System.Text.Json;
using Agt.Audit.Stores;

namespace Agt.Audit.Retention;

/// <summary>Finds the holds of a log in its records: nothing else says which there are, so that nobody can lift one without a record.</summary>
public static class LegalHolds
{
    /// <summary>Reads the whole log for the holds that are placed and not released.</summary>
    /// <param name="store">The log.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="InvalidDataException">The log is not what it was.</exception>
    public static IReadOnlyList<LegalHold> Read(IAuditStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var holds = new Dictionary<string, LegalHold>(StringComparer.Ordinal);
        long index = store.First;
        foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(index, store.Size - index))
        {
            if (index % 4_096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            // Few records are of this kind; the others are not read.
            if (leaf.Span.IndexOf("\"kind\":\"hold\""u8) >= 0)
            {
                Apply(holds, leaf, index);
            }

            index++;
        }

        return [.. holds.Values.OrderBy(hold => hold.Index)];
    }

    private static void Apply(Dictionary<string, LegalHold> holds, ReadOnlyMemory<byte> leaf, long index)
    {
        using JsonDocument document = Parse(leaf) ?? throw new InvalidDataException($"Record {index} is damaged.");
        JsonElement record = document.RootElement;
        if (Text(record, "kind") != "hold" || !record.TryGetProperty("attributes", out JsonElement attributes) || Text(attributes, "agt.hold") is not { } id)
        {
            return;
        }

        if (Text(record, "event_type") == LegalHold.ReleasedType)
        {
            holds.Remove(id);
        }
        else if (Text(record, "event_type") == LegalHold.PlacedType)
        {
            holds[id] = new LegalHold(id, Text(record, "reason") ?? string.Empty)
            {
                Actor = Text(attributes, "agt.actor"), Agent = Text(attributes, "agt.held_agent"), Trace = Text(attributes, "agt.held_trace"),
                From = Time(attributes, "agt.held_from"), To = Time(attributes, "agt.held_to"), Index = index,
            };
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> leaf)
    {
        try
        {
            return JsonDocument.Parse(leaf);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Time(JsonElement attributes, string name) =>
        DateTimeOffset.TryParse(Text(attributes, name), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset time) ? time : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
