using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>For rounds whose result is decided on elsewhere.</summary>
internal sealed class NothingCodec : ResultCodec
{
    internal static NothingCodec Instance { get; } = new();

    public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.Null;

    public override object? Replace(object? original, GovernedValue value) => original;
}
