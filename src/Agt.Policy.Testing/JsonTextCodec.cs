using Agt.Values;

namespace Agt.Policy.Testing;

/// <summary>Freezes results that are JSON texts.</summary>
internal sealed class JsonTextCodec : ResultCodec
{
    internal static JsonTextCodec Instance { get; } = new();

    public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.FromJson((string)result!);

    public override object? Replace(object? original, GovernedValue value) => CanonicalJson.ToString(value);
}
