using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>Freezes replies, and rebuilds them with ids, usage and finish reason kept.</summary>
internal sealed class ReplyCodec(ObjectFreezer freezer) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena) => ChatPayload.Reply(arena, ((Reply)result!).Response, freezer);

    public override object? Replace(object? original, GovernedValue value)
    {
        var reply = (Reply)original!;
        GovernedValue before = ChatPayload.Reply(PartRewriter.NewArena(), reply.Response, freezer);
        return value.Kind == ValueKind.Map && value.Count == before.Count
            ? new Reply(ChatRewriter.Reply(reply.Response, before, value, freezer), null)
            : throw PartRewriter.Unsupported();
    }
}
