using System.Text.Json;
using Agt.Tools;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>What a function is, as a digest.</summary>
internal static class FunctionContent
{
    /// <summary>The digest, or an empty one if its schema cannot be read; where hashes are asked for, that denies.</summary>
    internal static Digest HashOf(AIFunction function)
    {
        try
        {
            return ToolContent.Compute(
                function.Name, function.Description, Schema(function.JsonSchema), Schema(function.ReturnJsonSchema),
                function.UnderlyingMethod is { } method ? ToolContent.OfMethod(method) : ToolContent.OfObject(function));
        }
        catch (PayloadException)
        {
            return default;
        }
    }

    private static GovernedValue Schema(JsonElement? schema) => schema is { ValueKind: not JsonValueKind.Undefined } element ? GovernedValue.FromJson(element.GetRawText()) : GovernedValue.Null;
}
