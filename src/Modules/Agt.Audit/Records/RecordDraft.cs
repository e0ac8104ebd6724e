using System.Globalization;
using System.Text.Json;

namespace Agt.Audit.Records;

/// <summary>
/// A record that another system hands in: its members are checked against the schema (spec 09, 4.1) and put in canonical form. The log adds what is missing: id, time, version, and its own number unless the emitter
/// numbers its records itself. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Kinds that only the log itself writes (<c>config</c>, <c>hold</c>, <c>erasure</c>) are refused, and so are members that the schema does not know: free data goes into <c>attributes</c>. A value of null, or the default of
/// its member, is left out.
/// </remarks>
public sealed class RecordDraft
{
    /// <summary>The longest draft that is read, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    private RecordDraft(SortedDictionary<string, byte[]> members) => Members = members;

    /// <summary>The kind of record.</summary>
    public string Kind => Text("kind")!;

    /// <summary>What was done.</summary>
    public string Action => Text("action")!;

    /// <summary>Who did it.</summary>
    public string Agent => Text("agent_did") ?? Text("agent_id")!;

    /// <summary>The id that the emitter gave it; null if the log gives it one.</summary>
    public Guid? RecordId => Text("record_id") is { } id ? Guid.Parse(id) : null;

    /// <summary>Who numbers the record; null for the log itself.</summary>
    public string? Emitter => Text("emitter_id");

    /// <summary>The number that its emitter gave it; 0 if the log gives it one.</summary>
    internal long EmitterSequence => Members.TryGetValue("emitter_seq", out byte[]? number) ? long.Parse(number, CultureInfo.InvariantCulture) : 0;

    /// <summary>Whether it records that something was denied.</summary>
    public bool IsDenial => Text("decision") == "deny";

    /// <summary>The members in canonical form, by name.</summary>
    internal SortedDictionary<string, byte[]> Members { get; }

    /// <summary>Reads a draft.</summary>
    /// <param name="utf8">One JSON object.</param>
    /// <exception cref="InvalidRecordException">It is no record; the message says what is wrong.</exception>
    public static RecordDraft Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            throw new InvalidRecordException($"A record that is handed in has {MaxBytes} bytes at most.");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = DraftSchema.MaxDepth + 2, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Of(document.RootElement) : throw new InvalidRecordException("A record is a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new InvalidRecordException("A record is a JSON object without duplicate members: " + exception.Message, exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // Lone surrogates and bytes that are no UTF-8 are found when a text is read.
            throw new InvalidRecordException("A text of the record is no Unicode text.", exception);
        }
    }

    /// <summary>Whether a record of a log is this draft: every member that was handed in stands in it as it was.</summary>
    /// <param name="leaf">The record.</param>
    public bool IsSameAs(ReadOnlyMemory<byte> leaf)
    {
        try
        {
            using var document = JsonDocument.Parse(leaf);
            JsonElement record = document.RootElement;
            return record.ValueKind == JsonValueKind.Object && Members.All(member => record.TryGetProperty(member.Key, out JsonElement value) && CanonicalElement.Write(value).AsSpan().SequenceEqual(member.Value));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether another draft says the same.</summary>
    /// <param name="other">The other one.</param>
    public bool IsSameAs(RecordDraft other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Members.Count == other.Members.Count && Members.All(member => other.Members.TryGetValue(member.Key, out byte[]? value) && value.AsSpan().SequenceEqual(member.Value));
    }

    /// <summary>Reads a draft from JSON that has been parsed, without duplicate members.</summary>
    /// <param name="record">The object.</param>
    /// <exception cref="InvalidRecordException">It is no record.</exception>
    internal static RecordDraft Of(JsonElement record)
    {
        var members = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        JsonElement? arguments = null;
        foreach (JsonProperty member in record.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (member.Name == "arguments")
            {
                arguments = member.Value;
            }
            else if (DraftSchema.Check(member.Name, member.Value) is { } canonical)
            {
                members[member.Name] = canonical;
            }
        }

        DraftSchema.CheckWhole(members, arguments);
        return new RecordDraft(members);
    }

    private string? Text(string member) => Members.TryGetValue(member, out byte[]? value) ? JsonSerializer.Deserialize(value, DraftJson.Default.String) : null;
}
