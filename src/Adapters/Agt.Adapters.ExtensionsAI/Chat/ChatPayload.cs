using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>What policy sees of requests and replies.</summary>
internal static class ChatPayload
{
    /// <summary><c>{message, messages}</c>: the text of the last message of the user, and everything.</summary>
    internal static GovernedValue Input(ValueArena arena, IReadOnlyList<ChatMessage> messages, ObjectFreezer freezer)
    {
        arena.BeginMap();
        arena.Name("message");
        int last = LastUserMessage(messages);
        arena.Write(last < 0 ? GovernedValue.Null : GovernedValue.From(messages[last].Text));
        WriteMessages(arena, messages, freezer);
        return arena.End(uniqueNames: true);
    }

    /// <summary><c>{model, instructions, messages, tools, max_output_tokens, temperature}</c>. A tool that the provider runs itself is a map with a <c>type</c>.</summary>
    internal static GovernedValue ModelCall(ValueArena arena, IReadOnlyList<ChatMessage> messages, ChatOptions? options, ObjectFreezer freezer)
    {
        arena.BeginMap();
        arena.Name("model");
        arena.Write(GovernedValue.From(options?.ModelId));
        arena.Name("instructions");
        arena.Write(GovernedValue.From(options?.Instructions));
        WriteMessages(arena, messages, freezer);
        arena.Name("tools");
        arena.BeginList();
        foreach (AITool tool in options?.Tools ?? [])
        {
            WriteTool(arena, tool);
        }

        arena.End();
        arena.Name("max_output_tokens");
        arena.Write(options?.MaxOutputTokens is { } most ? GovernedValue.From((long)most) : GovernedValue.Null);
        arena.Name("temperature");
        arena.WriteObject(options?.Temperature);
        return arena.End(uniqueNames: true);
    }

    /// <summary><c>{text, messages, finish_reason, tool_calls}</c>.</summary>
    internal static GovernedValue Reply(ValueArena arena, ChatResponse response, ObjectFreezer freezer)
    {
        arena.BeginMap();
        arena.Name("text");
        arena.Write(GovernedValue.From(response.Text));
        WriteMessages(arena, response.Messages, freezer);
        arena.Name("finish_reason");
        arena.Write(GovernedValue.From(response.FinishReason?.Value));
        arena.Name("tool_calls");
        arena.BeginList();
        foreach (ChatMessage message in response.Messages)
        {
            foreach (AIContent content in message.Contents)
            {
                if (content is FunctionCallContent call)
                {
                    WriteCall(arena, call, freezer);
                }
            }
        }

        arena.End();
        return arena.End(uniqueNames: true);
    }

    internal static int LastUserMessage(IReadOnlyList<ChatMessage> messages)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i].Role == ChatRole.User)
            {
                return i;
            }
        }

        return -1;
    }

    private static void WriteMessages(ValueArena arena, IEnumerable<ChatMessage> messages, ObjectFreezer freezer)
    {
        arena.Name("messages");
        arena.BeginList();
        foreach (ChatMessage message in messages)
        {
            arena.BeginMap();
            arena.Name("role");
            arena.Write(GovernedValue.From(message.Role.Value));
            if (message.AuthorName is { } author)
            {
                arena.Name("author");
                arena.Write(GovernedValue.From(author));
            }

            arena.Name("text");
            arena.Write(GovernedValue.From(message.Text));
            arena.Name("parts");
            PartWriter.WriteParts(arena, message.Contents, freezer);
            arena.End(uniqueNames: true);
        }

        arena.End();
    }

    private static void WriteCall(ValueArena arena, FunctionCallContent call, ObjectFreezer freezer)
    {
        arena.BeginMap();
        arena.Name("name");
        arena.Write(GovernedValue.From(call.Name));
        arena.Name("args");
        freezer.Write(call.Arguments, arena);
        arena.Name("id");
        arena.Write(GovernedValue.From(call.CallId));
        arena.End(uniqueNames: true);
    }

    private static void WriteTool(ValueArena arena, AITool tool)
    {
        if (tool is AIFunctionDeclaration)
        {
            arena.Write(GovernedValue.From(tool.Name));
            return;
        }

        arena.BeginMap();
        arena.Name("type");
        arena.Write(GovernedValue.From(tool.Name));
        if (tool is HostedMcpServerTool server)
        {
            arena.Name("server");
            arena.Write(GovernedValue.From(server.ServerName));
            arena.Name("address");
            arena.Write(GovernedValue.From(server.ServerAddress));
        }

        arena.End(uniqueNames: true);
    }
}
