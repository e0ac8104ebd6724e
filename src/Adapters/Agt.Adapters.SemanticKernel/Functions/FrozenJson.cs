using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>Objects of the host's own classes to frozen values and back, by the JSON rules of the function they belong to.</summary>
internal sealed class FrozenJson
{
    private readonly JsonSerializerOptions _options;

    internal FrozenJson(JsonSerializerOptions options)
    {
        _options = options;
        Converter = Serialize;
    }

    internal PayloadConverter Converter { get; }

    /// <summary>Builds an object of a type from a frozen value.</summary>
    /// <exception cref="PayloadException">The value does not fit the type (<see cref="ReasonCodes.TransformInvalid"/>).</exception>
    internal object? Build(GovernedValue value, Type type)
    {
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (value.IsAbsentOrNull)
        {
            return target.IsValueType && target == type ? throw Invalid(null) : null;
        }

        if (target == typeof(object))
        {
            return Natural(value);
        }

        if (target == typeof(string))
        {
            return value.AsString() ?? throw Invalid(null);
        }

        if (target == typeof(Dictionary<string, object?>) && value.Kind == ValueKind.Map)
        {
            return NaturalMap(value);
        }

        if ((target == typeof(List<object?>) || target == typeof(object[])) && value.Kind == ValueKind.List)
        {
            List<object?> items = [.. Enumerable.Range(0, value.Count).Select(i => NaturalMember(value, i))];
            return target == typeof(object[]) ? items.ToArray() : items;
        }

        try
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                Write(writer, value);
            }

            var reader = new Utf8JsonReader(buffer.WrittenSpan);
            return JsonSerializer.Deserialize(ref reader, Describe(target)) ?? throw Invalid(null);
        }
        catch (Exception exception) when (exception is not PayloadException)
        {
            throw Invalid(exception);
        }
    }

    /// <summary>The .NET object that says the same as a frozen value, for a place that takes any object.</summary>
    internal object? Natural(GovernedValue value)
    {
        if (value.IsAbsentOrNull)
        {
            return null;
        }

        if (value.TryGetBoolean(out bool flag))
        {
            return flag;
        }

        if (value.TryGetInt64(out long integer))
        {
            return integer;
        }

        if (value.TryGetDouble(out double real))
        {
            return real;
        }

        return value.Kind == ValueKind.String ? value.AsString() : Build(value, typeof(JsonElement));
    }

    private Dictionary<string, object?> NaturalMap(GovernedValue value)
    {
        var members = new Dictionary<string, object?>(value.Count);
        for (int i = 0; i < value.Count; i++)
        {
            members[value.MemberAt(i).Name] = NaturalMember(value, i);
        }

        return members;
    }

    /// <summary>One entry of a container of any objects: the very scalar that was captured where there is one.</summary>
    private object? NaturalMember(GovernedValue container, int index)
    {
        ValueMember member = container.MemberAt(index);
        return member.Source ?? (member.Value.Kind switch
        {
            ValueKind.Map => NaturalMap(member.Value),
            ValueKind.List => Build(member.Value, typeof(List<object?>)),
            _ => Natural(member.Value),
        });
    }

    private static void Write(Utf8JsonWriter writer, GovernedValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Map:
                writer.WriteStartObject();
                for (int i = 0; i < value.Count; i++)
                {
                    writer.WritePropertyName(value.MemberAt(i).Name);
                    Write(writer, value[i]);
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
            case ValueKind.String:
                value.TryGetText(out ReadOnlySpan<char> text);
                writer.WriteStringValue(text);
                break;
            case ValueKind.Boolean:
                value.TryGetBoolean(out bool flag);
                writer.WriteBooleanValue(flag);
                break;
            case ValueKind.Absent or ValueKind.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteRawValue(value.NumberText()!);
                break;
        }
    }

    private static PayloadException Invalid(Exception? cause) =>
        new(ReasonCodes.TransformInvalid, "A frozen or transformed value does not fit the type that is needed.", cause);

    [SuppressMessage("Performance", "CA1859:Use concrete types when possible for improved performance", Justification = "A type description has no other public type here.")]
    private JsonTypeInfo Describe(Type type) => _options.GetTypeInfo(type);

    private ReadOnlyMemory<byte> Serialize(object value)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(value, Describe(value.GetType()));
        }
        catch (Exception exception) when (exception is not PayloadException)
        {
            throw new PayloadException(ReasonCodes.PayloadUnsupported, $"A value of type {value.GetType().Name} cannot be frozen.", exception);
        }
    }
}
