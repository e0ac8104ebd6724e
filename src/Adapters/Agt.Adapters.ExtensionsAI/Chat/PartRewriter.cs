using System.Text.Json;
using Agt.Adapters.ExtensionsAI.Functions;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>Builds a part anew when a transform changed it. Texts, arguments of calls and results of functions can change; anything else that changed is refused.</summary>
internal static class PartRewriter
{
    private static readonly PayloadLimits Roomy = new() { MaxDepth = 256, MaxValues = 1_000_000, MaxCharacters = 4_000_000 };

    internal static ValueArena NewArena() => new(Roomy);

    internal static PayloadException Unsupported() => new(ReasonCodes.AdapterUnsupported, "A transform changed something that cannot be changed here.");

    internal static bool Same(GovernedValue left, GovernedValue right) => left.Kind == right.Kind && ValueComparer.Exact.Equals(left, right);

    /// <summary>The part as the value says; the same part if nothing changed. What the provider kept beside it (its raw form) does not survive a change.</summary>
    /// <exception cref="PayloadException">The change cannot be carried over.</exception>
    internal static AIContent Rewrite(AIContent original, GovernedValue after, ObjectFreezer freezer)
    {
        ValueArena arena = NewArena();
        arena.BeginList();
        PartWriter.WritePart(arena, original, freezer);
        GovernedValue before = arena.End(uniqueNames: true)[0];
        if (Same(before, after))
        {
            return original;
        }

        string changed = SingleChange(before, after);
        after.TryGetMember(changed, out GovernedValue value);
        switch (original)
        {
            case TextContent text when changed == "text" && value.Kind == ValueKind.String:
                return new TextContent(value.AsString()) { AdditionalProperties = text.AdditionalProperties };
            case FunctionResultContent result when changed == "result":
                return new FunctionResultContent(result.CallId, new FunctionResultCodec(freezer).Replace(result.Result, value)) { AdditionalProperties = result.AdditionalProperties };
            case FunctionCallContent call when changed == "args":
                return WithArguments(call, value, freezer);
            default:
                throw Unsupported();
        }
    }

    /// <summary>A call with other arguments; those that did not change stay the objects they were.</summary>
    internal static FunctionCallContent WithArguments(FunctionCallContent call, GovernedValue after, ObjectFreezer freezer)
    {
        if (after.Kind != ValueKind.Map)
        {
            throw Unsupported();
        }

        var arguments = new Dictionary<string, object?>(after.Count, StringComparer.Ordinal);
        for (int i = 0; i < after.Count; i++)
        {
            ValueMember member = after.MemberAt(i);
            object? original = null;
            if (call.Arguments?.TryGetValue(member.Name, out original) == true && Same(freezer.Freeze(original, NewArena()), member.Value))
            {
                arguments[member.Name] = original;
            }
            else
            {
                arguments[member.Name] = original is JsonElement ? ValueJson.ToElement(member.Value) : ValueJson.ToNatural(member.Value);
            }
        }

        return new FunctionCallContent(call.CallId, call.Name, arguments)
        {
            InformationalOnly = call.InformationalOnly,
            AdditionalProperties = call.AdditionalProperties,
        };
    }

    /// <summary>Providers send the raw object of a part instead of its text where there is one, and no policy has seen it.</summary>
    internal static AIContent WithoutRaw(AIContent content) => content is TextContent { RawRepresentation: not null } text
        ? new TextContent(text.Text) { AdditionalProperties = text.AdditionalProperties, Annotations = text.Annotations }
        : content;

    /// <summary>The one member that differs.</summary>
    internal static string SingleChange(GovernedValue before, GovernedValue after)
    {
        if (after.Kind != ValueKind.Map || after.Count != before.Count)
        {
            throw Unsupported();
        }

        string? changed = null;
        for (int i = 0; i < before.Count; i++)
        {
            ValueMember member = before.MemberAt(i);
            if (!after.TryGetMember(member.Name, out GovernedValue value))
            {
                throw Unsupported();
            }

            if (Same(member.Value, value))
            {
                continue;
            }

            changed = changed is null ? member.Name : throw Unsupported();
        }

        return changed ?? throw Unsupported();
    }
}
