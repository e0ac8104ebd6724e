using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Values;

/// <summary>From frozen values back to what code expects. Numbers keep their exact text.</summary>
internal static class ValueJson
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    internal static JsonElement ToElement(GovernedValue value)
    {
        using JsonDocument document = JsonDocument.Parse(ToUtf8(value), Deep);
        return document.RootElement.Clone();
    }

    /// <summary>The value as a type, by JSON.</summary>
    /// <exception cref="PayloadException">It is not of that type.</exception>
    internal static object? ToType(GovernedValue value, Type type, JsonSerializerOptions options)
    {
        try
        {
            JsonTypeInfo info = options.GetTypeInfo(type);
            return JsonSerializer.Deserialize(ToUtf8(value).Span, info);
        }
        catch (Exception exception) when (exception is not PayloadException)
        {
            throw new PayloadException(ReasonCodes.TransformInvalid, $"A changed value is no {type.Name}.", exception);
        }
    }

    /// <summary>The value as text, number, boolean, list of objects or dictionary of objects.</summary>
    internal static object? ToNatural(GovernedValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Absent or ValueKind.Null:
                return null;
            case ValueKind.Boolean:
                return value.TryGetBoolean(out bool flag) && flag;
            case ValueKind.Integer:
                value.TryGetInt64(out long integer);
                return integer;
            case ValueKind.Double:
                value.TryGetDouble(out double real);
                return real;
            case ValueKind.String:
                return value.AsString();
            case ValueKind.Map:
                var map = new Dictionary<string, object?>(value.Count, StringComparer.Ordinal);
                for (int i = 0; i < value.Count; i++)
                {
                    ValueMember member = value.MemberAt(i);
                    map[member.Name] = member.Source ?? ToNatural(member.Value);
                }

                return map;
            case ValueKind.List or ValueKind.Set:
                var list = new List<object?>(value.Count);
                for (int i = 0; i < value.Count; i++)
                {
                    ValueMember item = value.MemberAt(i);
                    list.Add(item.Source ?? ToNatural(item.Value));
                }

                return list;
            default:
                return ToElement(value);
        }
    }

    private static ReadOnlyMemory<byte> ToUtf8(GovernedValue value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = 512 }))
        {
            Write(writer, value);
        }

        return output.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, GovernedValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Absent or ValueKind.Null:
                writer.WriteNullValue();
                break;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.TryGetBoolean(out bool flag) && flag);
                break;
            case ValueKind.String:
                value.TryGetText(out ReadOnlySpan<char> text);
                writer.WriteStringValue(text);
                break;
            case ValueKind.Map:
                writer.WriteStartObject();
                for (int i = 0; i < value.Count; i++)
                {
                    ValueMember member = value.MemberAt(i);
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case ValueKind.List or ValueKind.Set:
                writer.WriteStartArray();
                for (int i = 0; i < value.Count; i++)
                {
                    Write(writer, value[i]);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteRawValue(value.NumberText()!);
                break;
        }
    }
}
