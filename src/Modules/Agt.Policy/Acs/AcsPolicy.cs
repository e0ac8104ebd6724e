using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>A policy that a manifest defines. Immutable.</summary>
public sealed class AcsPolicy
{
    internal AcsPolicy(string id, string type, string? adapter, GovernedValue definition)
    {
        Id = id;
        Type = type;
        Adapter = adapter;
        Definition = definition;
    }

    /// <summary>Its name in the manifest.</summary>
    public string Id { get; }

    /// <summary><c>rego</c>, <c>cedar</c>, <c>test</c> or <c>custom</c>.</summary>
    public string Type { get; }

    /// <summary>Which engine a custom policy asks; null for other types.</summary>
    public string? Adapter { get; }

    /// <summary>The whole definition, paths made absolute where it came from a file: a JSON object.</summary>
    public GovernedValue Definition { get; }

    /// <summary>What an engine is registered under: the type, or <c>custom:</c> and the adapter.</summary>
    public string EngineName => Adapter is null ? Type : "custom:" + Adapter;
}
