using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agt.Values;

/// <content>Freezing objects and JSON.</content>
public sealed partial class ValueArena
{
    /// <summary>
    /// Freezes an object: scalars by reference or value, dictionaries, lists and JSON by copy.
    /// </summary>
    /// <param name="value">The object.</param>
    /// <param name="converter">Takes what is none of these (the host's own classes); null refuses them.</param>
    /// <exception cref="PayloadException">The object is of a type that cannot be frozen, malformed, or beyond the limits.</exception>
    public void WriteObject(object? value, PayloadConverter? converter = null)
    {
        switch (value)
        {
            case null:
                Append(GovernedValue.Null, null);
                break;
            case string text:
                Account(text.Length);
                Append(GovernedValue.From(text), null);
                break;
            case bool flag:
                Append(GovernedValue.From(flag), value);
                break;
            case int number:
                Append(GovernedValue.From((long)number), value);
                break;
            case long number:
                Append(GovernedValue.From(number), value);
                break;
            case double number:
                Append(GovernedValue.From(number), value);
                break;
            case JsonElement element:
                WriteElement(element);
                break;
            case GovernedValue frozen:
                Write(frozen);
                break;
            default:
                WriteLessCommon(value, converter);
                break;
        }
    }

    /// <summary>Freezes one JSON text.</summary>
    /// <exception cref="PayloadException">Not one JSON value, a repeated name, or beyond the limits.</exception>
    public GovernedValue WriteJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Limits.MaxDepth + 1 });
            reader.Read();
            GovernedValue value = ReadValue(ref reader, null);
            if (reader.Read())
            {
                throw new PayloadException(ReasonCodes.RequestInvalid, "Text follows the JSON value.");
            }

            return value;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new PayloadException(ReasonCodes.RequestInvalid, "The payload is not valid JSON.", exception);
        }
    }

    private void WriteElement(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Undefined:
                throw new PayloadException(ReasonCodes.RequestInvalid, "A JSON element is undefined.");
            case JsonValueKind.Null:
                Append(GovernedValue.Null, element);
                break;
            default:
                string? name = _name;
                GovernedValue value;
                object source = element;
                try
                {
                    var reader = new Utf8JsonReader(
                        System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element), new JsonReaderOptions { MaxDepth = Limits.MaxDepth + 1 });
                    reader.Read();
                    if (element.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    {
                        _name = name;
                        ReadValue(ref reader, source);
                        return;
                    }

                    value = ReadValue(ref reader, null);
                }
                catch (Exception exception) when (exception is JsonException or InvalidOperationException)
                {
                    throw new PayloadException(ReasonCodes.RequestInvalid, "A JSON element is not valid.", exception);
                }

                _name = name;
                Append(value, source);
                break;
        }
    }

    /// <summary>Reads the value the reader stands on. A container is added to the open container, if there is one; a scalar is only returned.</summary>
    private GovernedValue ReadValue(ref Utf8JsonReader reader, object? source)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Begin(ValueKind.Map, source);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = ReadName(ref reader);
                    reader.Read();
                    Name(name);
                    ReadChild(ref reader);
                }

                return End();
            case JsonTokenType.StartArray:
                Begin(ValueKind.List, source);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadChild(ref reader);
                }

                return End();
            case JsonTokenType.String:
                Span<char> room = TextRoom(reader.ValueSpan.Length);
                return TakeText(reader.CopyString(room));
            case JsonTokenType.Number:
                return ReadNumber(reader.ValueSpan);
            case JsonTokenType.True:
            case JsonTokenType.False:
                return GovernedValue.From(reader.TokenType == JsonTokenType.True);
            default:
                return GovernedValue.Null;
        }
    }

    private void ReadChild(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            ReadValue(ref reader, null);
        }
        else
        {
            Append(ReadValue(ref reader, null), null);
        }
    }

    private GovernedValue ReadNumber(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > ExactNumber.MaxDigits)
        {
            throw new PayloadException(ReasonCodes.RequestInvalid, "A number has more than 1,000 digits.");
        }

        Span<char> text = stackalloc char[utf8.Length];
        System.Text.Encoding.ASCII.GetChars(utf8, text);
        GovernedValue number = GovernedValue.FromNumberText(text);
        if (number.Kind == ValueKind.Exact)
        {
            Account(text.Length);
        }

        return number;
    }

    /// <summary>A member name as a string; short ASCII names seen before in this arena are not allocated again.</summary>
    private string ReadName(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> utf8 = reader.ValueSpan;
        if (reader.ValueIsEscaped || utf8.Length is 0 or > 32)
        {
            return reader.GetString()!;
        }

        uint hash = 2_166_136_261;
        foreach (byte b in utf8)
        {
            hash = (hash ^ b) * 16_777_619;
        }

        _names ??= new string?[64];
        ref string? slot = ref _names[hash & 63];
        if (slot is null || !System.Text.Ascii.Equals(utf8, slot))
        {
            slot = reader.GetString()!;
        }

        return slot;
    }

    private void WriteLessCommon(object value, PayloadConverter? converter)
    {
        switch (value)
        {
            case float number:
                Append(GovernedValue.From(double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)), value);
                break;
            case decimal number:
                Append(GovernedValue.FromNumberText(number.ToString(CultureInfo.InvariantCulture)), value);
                break;
            case ulong number:
                Append(GovernedValue.FromNumberText(number.ToString(CultureInfo.InvariantCulture)), value);
                break;
            case short or ushort or byte or sbyte or uint:
                Append(GovernedValue.From(Convert.ToInt64(value, CultureInfo.InvariantCulture)), value);
                break;
            case char or Guid or TimeSpan or Uri or Enum:
                WriteScalarText(value.ToString()!, value);
                break;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                WriteScalarText(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture), value);
                break;
            case byte[] bytes:
                WriteScalarText(Convert.ToBase64String(bytes), null);
                break;
            case JsonDocument document:
                WriteElement(document.RootElement);
                break;
            case JsonNode node:
                WriteNested(JsonSerializeNode(node));
                break;
            case IDictionary<string, object?> members:
                WriteMembers(members, converter);
                break;
            case IReadOnlyDictionary<string, object?> members:
                WriteMembers(members, converter);
                break;
            case IDictionary members:
                WriteUntypedMembers(members, converter);
                break;
            case IEnumerable items:
                Begin(ValueKind.List);
                foreach (object? item in items)
                {
                    WriteObject(item, converter);
                }

                End();
                break;
            default:
                if (converter is null)
                {
                    throw new PayloadException(ReasonCodes.PayloadUnsupported, $"A value of type {value.GetType().Name} cannot be frozen.");
                }

                WriteNested(converter(value));
                break;
        }
    }

    private static byte[] JsonSerializeNode(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void WriteNested(ReadOnlyMemory<byte> json)
    {
        string? name = _name;
        try
        {
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = Limits.MaxDepth + 1 });
            reader.Read();
            _name = name;
            ReadChild(ref reader);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new PayloadException(ReasonCodes.RequestInvalid, "A converted value is not valid JSON.", exception);
        }
    }

    private void WriteScalarText(string text, object? source)
    {
        Account(text.Length);
        Append(GovernedValue.From(text), source);
    }

    private void WriteMembers(IEnumerable<KeyValuePair<string, object?>> members, PayloadConverter? converter)
    {
        Begin(ValueKind.Map);
        foreach (KeyValuePair<string, object?> member in members)
        {
            Name(member.Key);
            WriteObject(member.Value, converter);
        }

        End();
    }

    private void WriteUntypedMembers(IDictionary members, PayloadConverter? converter)
    {
        Begin(ValueKind.Map);
        foreach (DictionaryEntry member in members)
        {
            Name(member.Key as string ?? throw new PayloadException(ReasonCodes.PayloadUnsupported, "A dictionary has keys that are not text."));
            WriteObject(member.Value, converter);
        }

        End();
    }
}
