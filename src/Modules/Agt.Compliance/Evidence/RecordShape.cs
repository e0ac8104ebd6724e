using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agt.Compliance.Evidence;

/// <summary>Reads from records those fields that somebody asks for, and nothing else. Made once for a report; reading is for one thread.</summary>
internal sealed class RecordShape
{
    private const string Agent = "agent";
    private const string ContextForm = "context_form";
    private const string AttributePrefix = "attributes.";
    private const string BomPrefix = "bom.";
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly List<(byte[] Name, int Slot)> _top = [];
    private readonly List<(byte[] Name, int Slot)> _attributes = [];
    private readonly List<(byte[] Name, int Slot)> _bom = [];

    internal RecordShape()
    {
        foreach (string field in new[] { Agent, ContextForm, "kind", "event_type", "outcome", "severity" })
        {
            Slot(field);
        }
    }

    /// <summary>How many fields are read.</summary>
    internal int Count => _slots.Count;

    /// <summary>The place of a field; asked before anything is read.</summary>
    internal int Slot(string field)
    {
        if (_slots.TryGetValue(field, out int slot))
        {
            return slot;
        }

        slot = _slots.Count;
        _slots.Add(field, slot);
        if (field == Agent)
        {
            _top.Add(("agent_did"u8.ToArray(), slot));
            _top.Add(("agent_id"u8.ToArray(), slot));
        }
        else if (field.StartsWith(AttributePrefix, StringComparison.Ordinal))
        {
            _attributes.Add((Encoding.UTF8.GetBytes(field[AttributePrefix.Length..]), slot));
        }
        else if (field.StartsWith(BomPrefix, StringComparison.Ordinal))
        {
            _bom.Add((Encoding.UTF8.GetBytes(field[BomPrefix.Length..]), slot));
        }
        else if (field != ContextForm)
        {
            _top.Add((Encoding.UTF8.GetBytes(field), slot));
        }

        return slot;
    }

    /// <summary>Reads a record.</summary>
    /// <param name="leaf">Its bytes.</param>
    /// <param name="values">Room for <see cref="Count"/> values; null where the record has none.</param>
    /// <param name="occurredAt">Its time.</param>
    /// <returns>Whether it is a record of this version with a time.</returns>
    internal bool TryRead(ReadOnlySpan<byte> leaf, string?[] values, out DateTimeOffset occurredAt)
    {
        Array.Clear(values);
        occurredAt = default;
        bool known = false;
        bool timed = false;
        try
        {
            var reader = new Utf8JsonReader(leaf, new JsonReaderOptions { MaxDepth = 32 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadOnlySpan<byte> name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("occurred_at"u8))
                {
                    timed = reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out occurredAt);
                }
                else if (name.SequenceEqual("v"u8))
                {
                    known = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int version) && version == 1;
                }
                else
                {
                    Member(ref reader, name, values);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        // What is usual is not written (AUD-103).
        values[Slot("severity")] ??= "info";
        if (values[Slot("kind")] == "outcome")
        {
            values[Slot("outcome")] ??= "success";
        }

        return known && timed;
    }

    private void Member(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, string?[] values)
    {
        if (name.SequenceEqual("attributes"u8) && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int slot = Find(_attributes, ref reader);
                reader.Read();
                Value(ref reader, slot, values);
            }
        }
        else if (name.SequenceEqual("bom"u8) && reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                BomField(ref reader, values);
            }
        }
        else
        {
            if (name.SequenceEqual("context"u8))
            {
                values[Slot(ContextForm)] = IsSealed(reader) ? "sealed" : "clear";
            }

            int slot = -1;
            foreach ((byte[] known, int at) in _top)
            {
                if (name.SequenceEqual(known))
                {
                    slot = at;
                    break;
                }
            }

            Value(ref reader, slot, values);
        }
    }

    /// <summary>Whether all that stands in a context is salted digests.</summary>
    private static bool IsSealed(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        int depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName && (reader.ValueTextEquals("_sd"u8) || reader.ValueTextEquals("_redacted"u8)))
            {
                reader.Read();
                reader.Skip();
            }
            else if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.EndObject))
            {
                return false;
            }
        }

        return true;
    }

    private void BomField(ref Utf8JsonReader reader, string?[] values)
    {
        int slot = -1;
        string? value = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isName = reader.ValueTextEquals("name"u8);
            bool isValue = reader.ValueTextEquals("value"u8);
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                slot = Find(_bom, ref reader);
            }
            else if (isValue)
            {
                value = Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if (slot >= 0)
        {
            values[slot] = value ?? string.Empty;
        }
    }

    private static int Find(List<(byte[] Name, int Slot)> names, ref Utf8JsonReader reader)
    {
        foreach ((byte[] name, int slot) in names)
        {
            if (reader.ValueTextEquals(name))
            {
                return slot;
            }
        }

        return -1;
    }

    private static void Value(ref Utf8JsonReader reader, int slot, string?[] values)
    {
        if (slot >= 0)
        {
            values[slot] = Text(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            case JsonTokenType.Number:
                return reader.TryGetInt64(out long number) ? number.ToString(CultureInfo.InvariantCulture) : "number";
            case JsonTokenType.Null:
                return null;
            default:
                reader.Skip();
                return "present";
        }
    }
}
