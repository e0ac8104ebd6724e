using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>A chat history as <c>{message, messages: [...]}</c>, where <c>message</c> is the text of the last message, and back.</summary>
internal static class HistoryPayload
{
    internal static GovernedValue Capture(ChatHistory history, ValueArena arena, FrozenJson json)
    {
        arena.BeginMap();
        MessageMapper.Member(arena, "message", LastText(history));
        arena.Name("messages");
        arena.BeginList();
        foreach (ChatMessageContent message in history)
        {
            MessageMapper.Write(arena, message, json);
        }

        arena.End();
        return arena.End();
    }

    /// <summary>The history to send: a copy with the transforms. The caller's own is never edited.</summary>
    /// <exception cref="PayloadException">A transform changed something that cannot be carried out.</exception>
    internal static ChatHistory Rewrite(ChatHistory history, GovernedValue before, GovernedValue payload, FrozenJson json)
    {
        before.TryGetMember("messages", out GovernedValue originals);
        payload.TryGetMember("messages", out GovernedValue messages);
        payload.TryGetMember("message", out GovernedValue last);
        if (payload.Kind != ValueKind.Map || payload.Count != 2 || messages.Kind != ValueKind.List || messages.Count != history.Count)
        {
            throw MessageMapper.Unsupported();
        }

        var rewritten = new ChatHistory();
        for (int i = 0; i < history.Count; i++)
        {
            rewritten.Add(originals[i].Equals(messages[i]) ? history[i] : MessageMapper.Rewrite(history[i], messages[i], json));
        }

        string original = LastText(history);
        if (rewritten.Count > 0 && last.AsString() != original)
        {
            string text = PromptPayload.Merge(original, last, GovernedValue.From(LastText(rewritten)));
            rewritten[^1] = MessageMapper.WithText(rewritten[^1], text);
        }

        return rewritten;
    }

    private static string LastText(ChatHistory history) => history.Count == 0 ? string.Empty : history[^1].Content ?? string.Empty;
}
