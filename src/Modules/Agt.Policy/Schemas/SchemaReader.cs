using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Schemas;

/// <summary>Reads a schema. A keyword that is not known is refused: ignoring it would let through what its author forbade.</summary>
internal sealed class SchemaReader
{
    private const int MaxNodes = 1_000;
    private const int MaxDepth = 32;
    private readonly PatternCache _patterns = new();
    private int _nodes;

    /// <exception cref="FormatException">It is no schema, or uses what is not supported; the message says where.</exception>
    internal SchemaNode Read(GovernedValue schema, string at, int depth)
    {
        if (++_nodes > MaxNodes || depth > MaxDepth)
        {
            throw Wrong(at, $"a schema has at most {MaxNodes} parts, {MaxDepth} deep");
        }

        if (schema.TryGetBoolean(out bool allows))
        {
            return new SchemaNode { RefusesAll = !allows, Constrains = !allows };
        }

        if (schema.Kind != ValueKind.Map)
        {
            throw Wrong(at, "a schema is an object, true or false");
        }

        var node = new SchemaNode();
        for (int i = 0; i < schema.Count; i++)
        {
            ValueMember member = schema.MemberAt(i);
            Take(node, member.Name, member.Value, at + "/" + member.Name, depth);
        }

        return node;
    }

    private void Take(SchemaNode node, string keyword, GovernedValue value, string at, int depth)
    {
        switch (keyword)
        {
            case "$schema" or "$id" or "$comment" or "title" or "description" or "default" or "examples" or "deprecated":
                return;
            case "type":
                node.Types = Types(value, at);
                break;
            case "enum":
                node.Enumeration = [.. List(value, at).Select(item => item.Detach())];
                break;
            case "const":
                node.Enumeration = [value.Detach()];
                break;
            case "minimum":
                node.Minimum = Number(value, at);
                break;
            case "maximum":
                node.Maximum = Number(value, at);
                break;
            case "exclusiveMinimum":
                node.ExclusiveMinimum = Number(value, at);
                break;
            case "exclusiveMaximum":
                node.ExclusiveMaximum = Number(value, at);
                break;
            case "minLength":
                node.MinLength = Count(value, at);
                break;
            case "maxLength":
                node.MaxLength = Count(value, at);
                break;
            case "pattern":
                node.Pattern = Pattern(value, at);
                break;
            case "minItems":
                node.MinItems = Count(value, at);
                break;
            case "maxItems":
                node.MaxItems = Count(value, at);
                break;
            case "items":
                node.Items = Read(value, at, depth + 1);
                break;
            case "minProperties":
                node.MinProperties = Count(value, at);
                break;
            case "maxProperties":
                node.MaxProperties = Count(value, at);
                break;
            case "properties" when value.Kind == ValueKind.Map:
                node.Properties = [.. Enumerable.Range(0, value.Count).Select(i => value.MemberAt(i)).Select(member => (member.Name, Read(member.Value, at + "/" + member.Name, depth + 1)))];
                break;
            case "required":
                node.Required = [.. List(value, at).Select(item => item.AsString() ?? throw Wrong(at, "required lists names"))];
                break;
            case "additionalProperties":
                node.AdditionalProperties = Read(value, at, depth + 1);
                break;
            case "allOf":
                node.All = Several(value, at, depth);
                break;
            case "anyOf":
                node.Any = Several(value, at, depth);
                break;
            case "oneOf":
                node.One = Several(value, at, depth);
                break;
            case "not":
                node.Not = Read(value, at, depth + 1);
                break;
            default:
                throw Wrong(at, "this keyword is not supported here, and leaving it out would allow more than is meant");
        }

        node.Constrains = true;
    }

    private SchemaNode[] Several(GovernedValue value, string at, int depth)
    {
        SchemaNode[] schemas = [.. List(value, at).Select((item, i) => Read(item, $"{at}/{i}", depth + 1))];
        return schemas.Length > 0 ? schemas : throw Wrong(at, "the list is empty");
    }

    private TextPattern Pattern(GovernedValue value, string at)
    {
        string text = value.AsString() ?? throw Wrong(at, "a pattern is a text");
        if (text.Length > ConditionLimits.Default.MaxPatternLength)
        {
            throw Wrong(at, $"a pattern has at most {ConditionLimits.Default.MaxPatternLength} characters");
        }

        try
        {
            return _patterns.Get(-1, text, glob: false);
        }
        catch (ConditionException exception)
        {
            throw Wrong(at, exception.Message + " " + exception.Fix);
        }
    }

    private static SchemaTypes Types(GovernedValue value, string at)
    {
        var types = SchemaTypes.None;
        foreach (GovernedValue name in value.Kind == ValueKind.String ? [value] : List(value, at))
        {
            types |= name.AsString() switch
            {
                "null" => SchemaTypes.Null,
                "boolean" => SchemaTypes.Boolean,
                "integer" => SchemaTypes.Integer,
                "number" => SchemaTypes.Number,
                "string" => SchemaTypes.String,
                "array" => SchemaTypes.Array,
                "object" => SchemaTypes.Object,
                _ => throw Wrong(at, "types are null, boolean, integer, number, string, array and object"),
            };
        }

        return types;
    }

    private static List<GovernedValue> List(GovernedValue value, string at)
    {
        if (value.Kind != ValueKind.List)
        {
            throw Wrong(at, "a list is expected");
        }

        var items = new List<GovernedValue>(value.Count);
        for (int i = 0; i < value.Count; i++)
        {
            items.Add(value[i]);
        }

        return items;
    }

    private static GovernedValue Number(GovernedValue value, string at) => value.IsNumber ? value.Detach() : throw Wrong(at, "a number is expected");

    private static int Count(GovernedValue value, string at) =>
        value.TryGetInt64(out long count) && count is >= 0 and <= int.MaxValue ? (int)count : throw Wrong(at, "a whole number of 0 or more is expected");

    private static FormatException Wrong(string at, string problem) => new($"{(at.Length == 0 ? "The schema" : at)}: {problem}.");
}
