using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>
/// Messages to frozen values and back: <c>{role, content}</c> for plain text, <c>{role, items: [...]}</c> for everything else, so that no text appears twice.
/// Texts and tool results can be rewritten; any other change cannot be carried out.
/// </summary>
internal static class MessageMapper
{
    /// <summary>Connectors spell roles in their own case; policies see one spelling.</summary>
    private static readonly AuthorRole[] Roles = [AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool, AuthorRole.System, AuthorRole.Developer];

    /// <summary>A model's reply: its text if it is nothing but text, else the whole message.</summary>
    internal static GovernedValue CaptureReply(ChatMessageContent message, ValueArena arena, FrozenJson json)
    {
        if (IsPlain(message))
        {
            return GovernedValue.From(message.Content ?? string.Empty);
        }

        arena.BeginList();
        Write(arena, message, json);
        return arena.End(uniqueNames: true)[0];
    }

    internal static ChatMessageContent ReplaceReply(ChatMessageContent message, GovernedValue value, FrozenJson json)
    {
        if (!IsPlain(message))
        {
            return Rewrite(message, value, json);
        }

        return WithText(message, FunctionResultCodec.TextOf(value));
    }

    /// <summary>Writes one message.</summary>
    /// <exception cref="PayloadException">It holds content of a kind that nobody knows how to show to a policy.</exception>
    internal static void Write(ValueArena arena, ChatMessageContent message, FrozenJson json)
    {
        arena.BeginMap();
        Member(arena, "role", Array.Find(Roles, role => role == message.Role) is { Label: { } label } ? label : message.Role.Label);
        if (message.AuthorName is { } author)
        {
            Member(arena, "author", author);
        }

        if (IsPlain(message))
        {
            Member(arena, "content", message.Content ?? string.Empty);
        }
        else
        {
            arena.Name("items");
            arena.BeginList();
            foreach (KernelContent item in message.Items)
            {
                ContentMapper.Write(arena, item, json);
            }

            arena.End();
        }

        arena.End();
    }

    /// <summary>A copy of a message with the texts of a changed value.</summary>
    /// <exception cref="PayloadException">Something changed that cannot be carried out (<see cref="ReasonCodes.AdapterUnsupported"/>).</exception>
    internal static ChatMessageContent Rewrite(ChatMessageContent message, GovernedValue value, FrozenJson json)
    {
        ChatMessageContent copy = Copy(message);
        if (IsPlain(message))
        {
            value.TryGetMember("content", out GovernedValue content);
            copy.Content = content.AsString() ?? throw Unsupported();
        }
        else
        {
            value.TryGetMember("items", out GovernedValue items);
            if (items.Kind != ValueKind.List || items.Count != message.Items.Count)
            {
                throw Unsupported();
            }

            copy.Items.Clear();
            for (int i = 0; i < items.Count; i++)
            {
                copy.Items.Add(ContentMapper.Rewrite(message.Items[i], items[i], json));
            }
        }

        // What was rewritten must say what the value says; so no change is lost unnoticed.
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();
        Write(arena, copy, json);
        return arena.End(uniqueNames: true)[0].Equals(value) ? copy : throw Unsupported();
    }

    /// <summary>A copy of a message whose first text is another.</summary>
    internal static ChatMessageContent WithText(ChatMessageContent message, string text)
    {
        ChatMessageContent copy = Copy(message);
        copy.Content = text;
        return copy;
    }

    internal static PayloadException Unsupported() =>
        new(ReasonCodes.AdapterUnsupported, "A transform changed a part of a message that Semantic Kernel cannot be made to send.");

    internal static void Member(ValueArena arena, string name, string? value)
    {
        arena.Name(name);
        arena.WriteObject(value);
    }

    private static bool IsPlain(ChatMessageContent message) => message.Items.Count == 0 || (message.Items.Count == 1 && message.Items[0] is TextContent);

    /// <summary>The same message over a list of its own. The provider's own object is left out: it still holds the text that was replaced.</summary>
    private static ChatMessageContent Copy(ChatMessageContent message)
    {
        var items = new ChatMessageContentItemCollection();
        foreach (KernelContent item in message.Items)
        {
            items.Add(item is TextContent text
                ? new TextContent(text.Text, text.ModelId, null, text.Encoding, text.Metadata) { MimeType = text.MimeType }
                : item);
        }

        return new ChatMessageContent(message.Role, items, message.ModelId, null, message.Encoding, message.Metadata)
        {
            AuthorName = message.AuthorName,
            MimeType = message.MimeType,
        };
    }
}
