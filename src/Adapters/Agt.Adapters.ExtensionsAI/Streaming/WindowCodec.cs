using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>Freezes replies of which a part is out already: they can be denied, but not changed any more.</summary>
internal sealed class WindowCodec(ReplyCodec codec) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena) => codec.Capture(result, arena);

    public override object? Replace(object? original, GovernedValue value) => throw PartRewriter.Unsupported();
}
