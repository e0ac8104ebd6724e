using Agt.Adapters.SemanticKernel.Chat;
using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>Freezes a streamed reply of which a part is out already: it can be denied, but not changed any more.</summary>
internal sealed class OutCodec(ResultCodec codec) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena) => codec.Capture(result, arena);

    public override object? Replace(object? original, GovernedValue value) => throw MessageMapper.Unsupported();
}
