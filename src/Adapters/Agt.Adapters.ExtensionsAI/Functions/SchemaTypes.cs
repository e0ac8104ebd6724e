using System.Text.Json;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>The types that a function's schema gives its arguments: all there is to hold a rewritten value to where the function has no method to look at. Immutable.</summary>
internal sealed class SchemaTypes
{
    private readonly Dictionary<string, string[]> _types = new(StringComparer.Ordinal);

    internal SchemaTypes(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("type", out JsonElement type))
            {
                _types[property.Name] = type.ValueKind == JsonValueKind.Array
                    ? [.. type.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.String).Select(each => each.GetString()!)]
                    : type.ValueKind == JsonValueKind.String ? [type.GetString()!] : [];
            }
        }
    }

    /// <summary>Whether a value is of a type that the schema gives the argument; of any, where it gives none.</summary>
    internal bool Allow(string argument, GovernedValue value)
    {
        if (!_types.TryGetValue(argument, out string[]? types) || types.Length == 0)
        {
            return true;
        }

        foreach (string type in types)
        {
            if (type switch
            {
                "string" => value.Kind == ValueKind.String,
                "boolean" => value.Kind == ValueKind.Boolean,
                "integer" => value.TryGetInt64(out _) || (value.TryGetDouble(out double real) && double.IsInteger(real)),
                "number" => value.IsNumber,
                "array" => value.Kind == ValueKind.List,
                "object" => value.Kind == ValueKind.Map,
                "null" => value.IsAbsentOrNull,
                _ => true,
            })
            {
                return true;
            }
        }

        return false;
    }
}
