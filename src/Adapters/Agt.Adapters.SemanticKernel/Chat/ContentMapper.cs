using System.Security.Cryptography;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>One part of a message to a frozen value and back.</summary>
internal static class ContentMapper
{
    internal static void Write(ValueArena arena, KernelContent item, FrozenJson json)
    {
        arena.BeginMap();
        switch (item)
        {
            case TextContent text:
                MessageMapper.Member(arena, "type", "text");
                MessageMapper.Member(arena, "text", text.Text ?? string.Empty);
                break;
            case FunctionCallContent call:
                MessageMapper.Member(arena, "type", "function_call");
                MessageMapper.Member(arena, "id", call.Id);
                MessageMapper.Member(arena, "name", Id(call.PluginName, call.FunctionName));
                arena.Name("arguments");
                arena.WriteObject(call.Arguments, json.Converter);
                break;
            case FunctionResultContent result:
                MessageMapper.Member(arena, "type", "function_result");
                MessageMapper.Member(arena, "id", result.CallId);
                MessageMapper.Member(arena, "name", Id(result.PluginName, result.FunctionName));
                arena.Name("result");
                arena.WriteObject(result.Result is FunctionResult inner ? inner.GetValue<object>() : result.Result, json.Converter);
                break;
            case BinaryContent binary:
                WriteBinary(arena, binary);
                break;
            default:
                throw new PayloadException(ReasonCodes.PayloadUnsupported, $"Content of type {item.GetType().Name} cannot be shown to a policy.");
        }

        arena.End();
    }

    internal static KernelContent Rewrite(KernelContent item, GovernedValue value, FrozenJson json)
    {
        switch (item)
        {
            case TextContent text when value.TryGetMember("text", out GovernedValue changed):
                return new TextContent(changed.AsString() ?? throw MessageMapper.Unsupported(), text.ModelId, null, text.Encoding, text.Metadata) { MimeType = text.MimeType };
            case FunctionResultContent result when value.TryGetMember("result", out GovernedValue changed):
                return new FunctionResultContent(result.FunctionName, result.PluginName, result.CallId, json.Natural(changed))
                {
                    ModelId = result.ModelId,
                    Metadata = result.Metadata,
                };
            default:
                return item;
        }
    }

    private static void WriteBinary(ValueArena arena, BinaryContent binary)
    {
        MessageMapper.Member(arena, "type", binary switch
        {
            ImageContent => "image",
            AudioContent => "audio",
            _ => "binary",
        });
        MessageMapper.Member(arena, "media_type", binary.MimeType);
        if (binary.Uri is { } uri)
        {
            MessageMapper.Member(arena, "uri", uri.OriginalString);
        }

        if (binary.Data is { } data)
        {
            MessageMapper.Member(arena, "sha256", Convert.ToHexStringLower(SHA256.HashData(data.Span)));
        }
    }

    private static string? Id(string? plugin, string? function) => plugin is { Length: > 0 } ? plugin + "." + function : function;
}
