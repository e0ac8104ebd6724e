using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>A model's replies to a frozen value and back: one reply as itself, several as a list.</summary>
internal sealed class RepliesCodec(FrozenJson json) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena)
    {
        var replies = (IReadOnlyList<ChatMessageContent>)result!;
        if (replies.Count == 1)
        {
            return MessageMapper.CaptureReply(replies[0], arena, json);
        }

        arena.BeginList();
        foreach (ChatMessageContent reply in replies)
        {
            MessageMapper.Write(arena, reply, json);
        }

        return arena.End();
    }

    public override object? Replace(object? original, GovernedValue value)
    {
        var replies = (IReadOnlyList<ChatMessageContent>)original!;
        if (replies.Count == 1)
        {
            return new[] { MessageMapper.ReplaceReply(replies[0], value, json) };
        }

        return value.Kind == ValueKind.List && value.Count == replies.Count
            ? replies.Select((reply, i) => MessageMapper.Rewrite(reply, value[i], json)).ToArray()
            : throw MessageMapper.Unsupported();
    }
}
