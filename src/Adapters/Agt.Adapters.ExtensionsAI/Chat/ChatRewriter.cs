using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>
/// Carries transforms of messages and options back into new objects; the caller's are never touched. The same text is visible at several places (a message, its parts, the whole
/// reply): a change at one of them is enough, changes at several must agree, and what cannot be carried back is refused.
/// </summary>
internal static class ChatRewriter
{
    internal static List<ChatMessage> Input(IReadOnlyList<ChatMessage> messages, GovernedValue before, GovernedValue after, ObjectFreezer freezer)
    {
        List<ChatMessage> rewritten = Messages(messages, before, after, freezer);
        after.TryGetMember("message", out GovernedValue changed);
        before.TryGetMember("message", out GovernedValue known);
        if (!PartRewriter.Same(known, changed))
        {
            int last = ChatPayload.LastUserMessage(rewritten);
            rewritten[last] = Settle(rewritten[last], known, changed);
        }

        return rewritten;
    }

    internal static List<ChatMessage> Messages(IReadOnlyList<ChatMessage> messages, GovernedValue before, GovernedValue after, ObjectFreezer freezer)
    {
        before.TryGetMember("messages", out GovernedValue old);
        after.TryGetMember("messages", out GovernedValue changed);
        if (after.Count != before.Count || changed.Kind != ValueKind.List || changed.Count != messages.Count)
        {
            throw PartRewriter.Unsupported();
        }

        var rewritten = new List<ChatMessage>(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            rewritten.Add(PartRewriter.Same(old[i], changed[i]) ? messages[i] : Message(messages[i], old[i], changed[i], freezer));
        }

        return rewritten;
    }

    internal static ChatOptions? Options(ChatOptions? options, GovernedValue before, GovernedValue after)
    {
        ChatOptions rewritten = options?.Clone() ?? new ChatOptions();
        bool changed = false;
        for (int i = 0; i < before.Count; i++)
        {
            ValueMember member = before.MemberAt(i);
            if (!after.TryGetMember(member.Name, out GovernedValue value))
            {
                throw PartRewriter.Unsupported();
            }

            if (member.Name == "messages" || PartRewriter.Same(member.Value, value))
            {
                continue;
            }

            changed = true;
            switch (member.Name)
            {
                case "model" when value.Kind == ValueKind.String:
                    rewritten.ModelId = value.AsString();
                    break;
                case "instructions" when value.Kind is ValueKind.String or ValueKind.Null:
                    rewritten.Instructions = value.AsString();
                    break;
                case "max_output_tokens" when value.TryGetInt64(out long most) && most is > 0 and <= int.MaxValue:
                    rewritten.MaxOutputTokens = (int)most;
                    break;
                case "temperature" when value.IsNumber:
                    rewritten.Temperature = (float?)ValueJson.ToType(value, typeof(float), AIJsonUtilities.DefaultOptions);
                    break;
                case "tools" when value.Kind == ValueKind.List:
                    rewritten.Tools = Tools(options!.Tools!, member.Value, value);
                    break;
                default:
                    throw PartRewriter.Unsupported();
            }
        }

        return changed ? rewritten : options;
    }

    internal static ChatResponse Reply(ChatResponse response, GovernedValue before, GovernedValue after, ObjectFreezer freezer)
    {
        List<ChatMessage> messages = Messages([.. response.Messages], before, after, freezer);
        before.TryGetMember("text", out GovernedValue known);
        after.TryGetMember("text", out GovernedValue changed);
        if (!PartRewriter.Same(known, changed) && !TextIs(new ChatResponse(messages).Text, changed))
        {
            int only = messages.FindIndex(m => m.Text.Length > 0);
            if (only < 0 || messages.FindLastIndex(m => m.Text.Length > 0) != only || !TextIs(response.Text, GovernedValue.From(new ChatResponse(messages).Text)))
            {
                throw PartRewriter.Unsupported();
            }

            messages[only] = WithText(messages[only], changed);
        }

        var rewritten = new ChatResponse(messages)
        {
            ResponseId = response.ResponseId,
            ConversationId = response.ConversationId,
            ModelId = response.ModelId,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason,
            Usage = response.Usage,
            ContinuationToken = response.ContinuationToken,
            AdditionalProperties = response.AdditionalProperties,
        };
        SettleCalls(rewritten, before, after, freezer);
        after.TryGetMember("finish_reason", out GovernedValue finish);
        before.TryGetMember("finish_reason", out GovernedValue finished);
        return PartRewriter.Same(finished, finish) ? rewritten : throw PartRewriter.Unsupported();
    }

    private static ChatMessage Message(ChatMessage message, GovernedValue before, GovernedValue after, ObjectFreezer freezer)
    {
        if (after.Kind != ValueKind.Map || after.Count != before.Count)
        {
            throw PartRewriter.Unsupported();
        }

        for (int i = 0; i < before.Count; i++)
        {
            ValueMember member = before.MemberAt(i);
            if (member.Name is not ("text" or "parts") && !(after.TryGetMember(member.Name, out GovernedValue same) && PartRewriter.Same(member.Value, same)))
            {
                throw PartRewriter.Unsupported();
            }
        }

        after.TryGetMember("parts", out GovernedValue parts);
        if (parts.Kind != ValueKind.List || parts.Count != message.Contents.Count)
        {
            throw PartRewriter.Unsupported();
        }

        var contents = new List<AIContent>(parts.Count);
        for (int i = 0; i < parts.Count; i++)
        {
            contents.Add(PartRewriter.Rewrite(message.Contents[i], parts[i], freezer));
        }

        ChatMessage rewritten = WithContents(message, contents);
        before.TryGetMember("text", out GovernedValue known);
        after.TryGetMember("text", out GovernedValue changed);
        return PartRewriter.Same(known, changed) ? rewritten : Settle(rewritten, known, changed);
    }

    /// <summary>The message with the text that was decided on: it has it already, or its parts are as they were and give way.</summary>
    private static ChatMessage Settle(ChatMessage message, GovernedValue known, GovernedValue changed) =>
        TextIs(message.Text, changed) ? message
        : TextIs(message.Text, known) ? WithText(message, changed)
        : throw PartRewriter.Unsupported();

    private static bool TextIs(string text, GovernedValue value) => value.TryGetText(out ReadOnlySpan<char> other) && other.SequenceEqual(text);

    /// <summary>Puts the whole text into the first text part; what was spread over several is one then.</summary>
    private static ChatMessage WithText(ChatMessage message, GovernedValue text)
    {
        var contents = new List<AIContent>(message.Contents);
        int first = contents.FindIndex(content => content is TextContent);
        if (first < 0 || text.Kind != ValueKind.String)
        {
            throw PartRewriter.Unsupported();
        }

        contents[first] = new TextContent(text.AsString());
        for (int i = contents.Count - 1; i > first; i--)
        {
            if (contents[i] is TextContent)
            {
                contents.RemoveAt(i);
            }
        }

        return WithContents(message, contents);
    }

    private static ChatMessage WithContents(ChatMessage message, List<AIContent> contents)
    {
        ChatMessage rewritten = message.Clone();
        rewritten.Contents = contents;
        rewritten.RawRepresentation = null;
        return rewritten;
    }

    /// <summary>Tools can be taken away, not added or changed.</summary>
    private static List<AITool> Tools(IList<AITool> tools, GovernedValue before, GovernedValue after)
    {
        var kept = new List<AITool>(after.Count);
        int at = 0;
        for (int i = 0; i < after.Count; i++)
        {
            while (at < before.Count && !PartRewriter.Same(before[at], after[i]))
            {
                at++;
            }

            kept.Add(at < before.Count ? tools[at++] : throw PartRewriter.Unsupported());
        }

        return kept;
    }

    private static void SettleCalls(ChatResponse response, GovernedValue before, GovernedValue after, ObjectFreezer freezer)
    {
        before.TryGetMember("tool_calls", out GovernedValue known);
        after.TryGetMember("tool_calls", out GovernedValue changed);
        if (PartRewriter.Same(known, changed))
        {
            return;
        }

        ChatPayload.Reply(PartRewriter.NewArena(), response, freezer).TryGetMember("tool_calls", out GovernedValue now);
        if (PartRewriter.Same(now, changed))
        {
            return;
        }

        if (!PartRewriter.Same(now, known) || changed.Kind != ValueKind.List || changed.Count != known.Count)
        {
            throw PartRewriter.Unsupported();
        }

        int call = 0;
        for (int m = 0; m < response.Messages.Count; m++)
        {
            var contents = new List<AIContent>(response.Messages[m].Contents);
            bool replaced = false;
            for (int c = 0; c < contents.Count; c++)
            {
                if (contents[c] is not FunctionCallContent function)
                {
                    continue;
                }

                GovernedValue old = known[call];
                GovernedValue next = changed[call++];
                if (!PartRewriter.Same(old, next))
                {
                    string member = PartRewriter.SingleChange(old, next);
                    next.TryGetMember("args", out GovernedValue arguments);
                    contents[c] = member == "args" ? PartRewriter.WithArguments(function, arguments, freezer) : throw PartRewriter.Unsupported();
                    replaced = true;
                }
            }

            if (replaced)
            {
                response.Messages[m] = WithContents(response.Messages[m], contents);
            }
        }
    }
}
