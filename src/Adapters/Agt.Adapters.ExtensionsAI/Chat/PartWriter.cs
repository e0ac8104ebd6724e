using System.Security.Cryptography;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>Shows every part of a message to policy as a map with a <c>type</c>. A part of a kind that is not known here is refused, never skipped.</summary>
internal static class PartWriter
{
    private const int MaxNesting = 32;

    internal static void WriteParts(ValueArena arena, IEnumerable<AIContent>? contents, ObjectFreezer freezer)
    {
        arena.BeginList();
        foreach (AIContent content in contents ?? [])
        {
            WritePart(arena, content, freezer);
        }

        arena.End();
    }

    /// <summary>What a function returned: parts as parts, all else as plain data.</summary>
    internal static void WriteResult(ValueArena arena, object? result, ObjectFreezer freezer)
    {
        switch (result)
        {
            case AIContent content:
                WritePart(arena, content, freezer);
                break;
            case IEnumerable<AIContent> contents:
                WriteParts(arena, contents, freezer);
                break;
            default:
                freezer.Write(result, arena);
                break;
        }
    }

    /// <exception cref="PayloadException">The part is of an unknown kind (<see cref="ReasonCodes.RequestInvalid"/>), or holds what cannot be frozen.</exception>
    internal static void WritePart(ValueArena arena, AIContent content, ObjectFreezer freezer)
    {
        arena.BeginMap();
        switch (content)
        {
            case TextContent text:
                Type(arena, "text");
                Text(arena, "text", text.Text);
                WriteCitations(arena, text.Annotations);
                break;
            case TextReasoningContent reasoning:
                Type(arena, "reasoning");
                Text(arena, "text", reasoning.Text);
                break;
            case DataContent data:
                Type(arena, "data");
                Text(arena, "media_type", data.MediaType);
                Text(arena, "name", data.Name);
                Text(arena, "sha256", Convert.ToHexStringLower(SHA256.HashData(data.Data.Span)));
                arena.Name("size");
                arena.Write(GovernedValue.From((long)data.Data.Length));
                break;
            case UriContent uri:
                Type(arena, "uri");
                Text(arena, "uri", uri.Uri.OriginalString);
                Text(arena, "media_type", uri.MediaType);
                break;
            case ErrorContent error:
                Type(arena, "error");
                Text(arena, "text", error.Message);
                Text(arena, "code", error.ErrorCode);
                Text(arena, "details", error.Details);
                break;
            case HostedFileContent file:
                Type(arena, "hosted_file");
                Text(arena, "id", file.FileId);
                Text(arena, "media_type", file.MediaType);
                Text(arena, "name", file.Name);
                break;
            case HostedVectorStoreContent store:
                Type(arena, "hosted_vector_store");
                Text(arena, "id", store.VectorStoreId);
                break;
            case UsageContent:
                Type(arena, "usage");
                break;
            case ToolApprovalRequestContent request:
                Type(arena, "approval_request");
                Text(arena, "id", request.RequestId);
                arena.Name("call");
                WritePart(arena, request.ToolCall, freezer);
                break;
            case ToolApprovalResponseContent response:
                Type(arena, "approval_response");
                Text(arena, "id", response.RequestId);
                arena.Name("approved");
                arena.Write(GovernedValue.From(response.Approved));
                Text(arena, "text", response.Reason);
                arena.Name("call");
                WritePart(arena, response.ToolCall, freezer);
                break;
            case ToolCallContent call:
                WriteCall(arena, call, freezer);
                break;
            case ToolResultContent result:
                WriteToolResult(arena, result, freezer);
                break;
            default:
                throw Unknown();
        }

        arena.End(uniqueNames: true);
    }

    /// <summary>Whether policy could be shown a part, and all parts in it. Asked of replies that nobody looks at, and which are therefore not frozen.</summary>
    internal static bool IsKnown(AIContent? content, int depth = 0) => depth < MaxNesting && content switch
    {
        ToolApprovalRequestContent request => IsKnown(request.ToolCall, depth + 1),
        ToolApprovalResponseContent response => IsKnown(response.ToolCall, depth + 1),
        CodeInterpreterToolCallContent code => AreKnown(code.Inputs, depth),
        McpServerToolResultContent mcp => AreKnown(mcp.Outputs, depth),
        CodeInterpreterToolResultContent code => AreKnown(code.Outputs, depth),
        WebSearchToolResultContent search => AreKnown(search.Outputs, depth),
        ImageGenerationToolResultContent image => AreKnown(image.Outputs, depth),
        FunctionResultContent { Result: AIContent result } => IsKnown(result, depth + 1),
        FunctionResultContent { Result: IEnumerable<AIContent> results } => AreKnown(results, depth),
        TextContent or TextReasoningContent or DataContent or UriContent or ErrorContent or HostedFileContent or HostedVectorStoreContent or UsageContent or
            FunctionCallContent or McpServerToolCallContent or WebSearchToolCallContent or ImageGenerationToolCallContent or FunctionResultContent => true,
        _ => false,
    };

    private static bool AreKnown(IEnumerable<AIContent>? contents, int depth) => contents is null || contents.All(content => IsKnown(content, depth + 1));

    private static void WriteCall(ValueArena arena, ToolCallContent call, ObjectFreezer freezer)
    {
        switch (call)
        {
            case FunctionCallContent function:
                Type(arena, "function_call");
                Text(arena, "name", function.Name);
                arena.Name("args");
                freezer.Write(function.Arguments, arena);
                break;
            case McpServerToolCallContent mcp:
                Type(arena, "mcp_call");
                Text(arena, "server", mcp.ServerName);
                Text(arena, "name", mcp.Name);
                arena.Name("args");
                freezer.Write(mcp.Arguments, arena);
                break;
            case CodeInterpreterToolCallContent code:
                Type(arena, "code_interpreter_call");
                arena.Name("parts");
                WriteParts(arena, code.Inputs, freezer);
                break;
            case WebSearchToolCallContent search:
                Type(arena, "web_search_call");
                arena.Name("queries");
                freezer.Write(search.Queries, arena);
                break;
            case ImageGenerationToolCallContent:
                Type(arena, "image_generation_call");
                break;
            default:
                throw Unknown();
        }

        Text(arena, "id", call.CallId);
    }

    private static void WriteToolResult(ValueArena arena, ToolResultContent result, ObjectFreezer freezer)
    {
        switch (result)
        {
            case FunctionResultContent function:
                Type(arena, "function_result");
                arena.Name("result");
                WriteResult(arena, function.Result, freezer);
                break;
            case McpServerToolResultContent mcp:
                Outputs("mcp_result", mcp.Outputs);
                break;
            case CodeInterpreterToolResultContent code:
                Outputs("code_interpreter_result", code.Outputs);
                break;
            case WebSearchToolResultContent search:
                Outputs("web_search_result", search.Outputs);
                break;
            case ImageGenerationToolResultContent image:
                Outputs("image_generation_result", image.Outputs);
                break;
            default:
                throw Unknown();
        }

        Text(arena, "id", result.CallId);

        void Outputs(string type, IEnumerable<AIContent>? outputs)
        {
            Type(arena, type);
            arena.Name("parts");
            WriteParts(arena, outputs, freezer);
        }
    }

    /// <summary>What a text quotes is text as well.</summary>
    private static void WriteCitations(ValueArena arena, IList<AIAnnotation>? annotations)
    {
        if (annotations is not { Count: > 0 })
        {
            return;
        }

        arena.Name("citations");
        arena.BeginList();
        foreach (CitationAnnotation citation in annotations.OfType<CitationAnnotation>())
        {
            arena.BeginMap();
            Text(arena, "title", citation.Title);
            Text(arena, "uri", citation.Url?.OriginalString);
            Text(arena, "text", citation.Snippet);
            arena.End(uniqueNames: true);
        }

        arena.End();
    }

    private static PayloadException Unknown() => new(ReasonCodes.RequestInvalid, "A message has a part of an unknown kind.");

    private static void Type(ValueArena arena, string type)
    {
        arena.Name("type");
        arena.Write(GovernedValue.From(type));
    }

    private static void Text(ValueArena arena, string name, string? text)
    {
        if (text is not null)
        {
            arena.Name(name);
            arena.Write(GovernedValue.From(text));
        }
    }
}
