using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>A streamed reply to a frozen value and back.</summary>
internal sealed class StreamCodec(FrozenJson json) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena) => ((IBufferedStream)result!).Capture(arena, json);

    public override object? Replace(object? original, GovernedValue value) => ((IBufferedStream)original!).Replace(value);
}
