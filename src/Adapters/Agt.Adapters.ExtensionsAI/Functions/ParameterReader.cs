using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>
/// Reads an argument as its parameter will. The framework reads member names in any case, numbers out of text, and whole structures out of text that is JSON; a rule that saw
/// only what the model wrote would miss what the function gets. Where the two can differ, the value of the parameter's type is made first, and that is frozen and handed on. Thread-safe.
/// </summary>
internal sealed class ParameterReader(ObjectFreezer freezer)
{
    private const int MaxDepth = 64;

    /// <summary>The argument as it is if it can be read in one way only, else what the parameter makes of it.</summary>
    /// <exception cref="PayloadException">The parameter cannot make anything of it.</exception>
    internal object? Read(object? argument, Type type)
    {
        if (argument is null || type.IsInstanceOfType(argument) || IsOpen(type))
        {
            return argument;
        }

        JsonTypeInfo info = TypeOf(type);
        try
        {
            JsonElement element = argument switch
            {
                JsonElement given => given,
                JsonDocument document => document.RootElement,
                string text => JsonSerializer.SerializeToElement(text, freezer.Options.GetTypeInfo(typeof(string))),
                _ => JsonElement.Parse(freezer.Converter(argument).Span),
            };
            return Agrees(element, info, 0) ? argument : Make(element, info);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new PayloadException(ReasonCodes.RequestInvalid, "An argument does not fit its parameter.", exception);
        }
    }

    private static bool IsOpen(Type type) => type == typeof(object) || type == typeof(JsonElement) || type == typeof(JsonDocument) || type.IsAssignableTo(typeof(JsonNode));

    private static object? Make(JsonElement element, JsonTypeInfo info)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            try
            {
                return JsonSerializer.Deserialize(element.GetString()!, info);
            }
            catch (JsonException)
            {
                // Not JSON in a text, so the text itself is meant.
                return element.Deserialize(info);
            }
        }

        return element.Deserialize(info);
    }

    /// <summary>Whether every name and kind is written as the type writes them.</summary>
    private bool Agrees(JsonElement element, JsonTypeInfo info, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        if (element.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                return element.ValueKind == JsonValueKind.Object && element.EnumerateObject().All(member => Agrees(member, info, depth));
            case JsonTypeInfoKind.Enumerable:
                return element.ValueKind == JsonValueKind.Array && element.EnumerateArray().All(item => Agrees(item, TypeOf(info.ElementType), depth + 1));
            case JsonTypeInfoKind.Dictionary:
                return element.ValueKind == JsonValueKind.Object && element.EnumerateObject().All(member => Agrees(member.Value, TypeOf(info.ElementType), depth + 1));
            default:
                return AgreesPlain(element.ValueKind, info.Type);
        }
    }

    private bool Agrees(JsonProperty member, JsonTypeInfo info, int depth)
    {
        bool nearly = false;
        foreach (JsonPropertyInfo property in info.Properties)
        {
            if (property.Name == member.Name)
            {
                return Agrees(member.Value, TypeOf(property.PropertyType), depth + 1);
            }

            nearly |= string.Equals(property.Name, member.Name, StringComparison.OrdinalIgnoreCase);
        }

        return !nearly;
    }

    private static bool AgreesPlain(JsonValueKind kind, Type type)
    {
        if (type.IsEnum)
        {
            return false;
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            >= TypeCode.SByte and <= TypeCode.Decimal => kind == JsonValueKind.Number,
            _ => true,
        };
    }

    private JsonTypeInfo TypeOf(Type? type) => freezer.Options.GetTypeInfo(type is null ? typeof(object) : Nullable.GetUnderlyingType(type) ?? type);
}
