using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>A rendered prompt as <c>{message, messages: [{role, content}]}</c>, and back.</summary>
internal static class PromptPayload
{
    internal static GovernedValue Capture(string? prompt, ValueArena arena)
    {
        string text = prompt ?? string.Empty;
        arena.BeginMap();
        MessageMapper.Member(arena, "message", text);
        arena.Name("messages");
        arena.BeginList();
        arena.BeginMap();
        MessageMapper.Member(arena, "role", "user");
        MessageMapper.Member(arena, "content", text);
        arena.End();
        arena.End();
        return arena.End();
    }

    /// <summary>The prompt after transforms. It stands there twice; whichever was changed holds.</summary>
    /// <exception cref="PayloadException">The two were changed differently, or something else was changed.</exception>
    internal static string? Read(string? prompt, GovernedValue payload)
    {
        string text = prompt ?? string.Empty;
        payload.TryGetMember("message", out GovernedValue message);
        payload.TryGetMember("messages", out GovernedValue messages);
        if (payload.Count != 2 || messages.Count != 1 || messages[0].Count != 2 ||
            !messages[0].TryGetMember("role", out GovernedValue role) || role.AsString() != "user" ||
            !messages[0].TryGetMember("content", out GovernedValue content))
        {
            throw MessageMapper.Unsupported();
        }

        return Merge(text, message, content);
    }

    /// <summary>One text that a payload shows in two places, after transforms.</summary>
    internal static string Merge(string original, GovernedValue first, GovernedValue second)
    {
        string left = first.AsString() ?? throw MessageMapper.Unsupported();
        string right = second.AsString() ?? throw MessageMapper.Unsupported();
        if (left == right || right == original)
        {
            return left;
        }

        return left == original ? right : throw new PayloadException(ReasonCodes.TransformInvalid, "Two transforms change one text in different ways.");
    }
}
