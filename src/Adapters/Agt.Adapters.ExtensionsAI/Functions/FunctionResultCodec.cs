using System.Text.Json;
using System.Text.Json.Nodes;
using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>Freezes what functions return, and rebuilds it in the same shape when a transform changed it.</summary>
internal sealed class FunctionResultCodec(ObjectFreezer freezer) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena)
    {
        switch (result)
        {
            case null:
                return GovernedValue.Null;
            case string text:
                return GovernedValue.From(text);
            default:
                arena.BeginList();
                PartWriter.WriteResult(arena, result, freezer);
                return arena.End(uniqueNames: true)[0];
        }
    }

    public override object? Replace(object? original, GovernedValue value)
    {
        switch (original)
        {
            case null:
                return ValueJson.ToNatural(value);
            case string:
                return value.Kind == ValueKind.String ? value.AsString() : throw Unfit();
            case JsonElement:
                return ValueJson.ToElement(value);
            case JsonNode:
                return JsonNode.Parse(ValueJson.ToElement(value).GetRawText());
            case AIContent content:
                return PartRewriter.Rewrite(content, value, freezer);
            case IEnumerable<AIContent> contents:
                return Contents([.. contents], value);
            case IDictionary<string, object?> or IReadOnlyDictionary<string, object?> when value.Kind == ValueKind.Map:
            case IList<object?> when value.Kind == ValueKind.List:
                return ValueJson.ToNatural(value);
            default:
                return ValueJson.ToType(value, original.GetType(), freezer.Options);
        }
    }

    private static PayloadException Unfit() => new(ReasonCodes.TransformInvalid, "A changed result no longer fits its type.");

    private List<AIContent> Contents(List<AIContent> contents, GovernedValue value)
    {
        if (value.Kind != ValueKind.List || value.Count != contents.Count)
        {
            throw Unfit();
        }

        for (int i = 0; i < contents.Count; i++)
        {
            contents[i] = PartRewriter.Rewrite(contents[i], value[i], freezer);
        }

        return contents;
    }
}
