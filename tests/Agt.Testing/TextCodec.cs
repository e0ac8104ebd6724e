using Agt.Values;

namespace Agt.Testing;

/// <summary>Freezes results that are plain objects or text.</summary>
public sealed class TextCodec : ResultCodec
{
    public static TextCodec Instance { get; } = new();

    public int Captures { get; private set; }

    public override GovernedValue Capture(object? result, ValueArena arena)
    {
        Captures++;
        return GovernedValue.From((string?)result);
    }

    public override object? Replace(object? original, GovernedValue value) => value.AsString();
}
