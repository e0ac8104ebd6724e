using System.Collections.Frozen;
using Agt.Adapters;

namespace Agt;

/// <summary>The adapters of a host, by name: what is covered is a fact that programs can read (spec 08, ADP-010). A singleton; thread-safe.</summary>
public sealed class AdapterRegistry
{
    private readonly FrozenDictionary<string, IGovernanceAdapter> _adapters;

    /// <summary>Creates the registry.</summary>
    /// <param name="adapters">The adapters that the host has registered.</param>
    /// <exception cref="ArgumentException">One of them is null.</exception>
    /// <exception cref="InvalidOperationException">Two have one name, or one has none.</exception>
    public AdapterRegistry(IEnumerable<IGovernanceAdapter> adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        var named = new Dictionary<string, IGovernanceAdapter>(StringComparer.Ordinal);
        foreach (IGovernanceAdapter adapter in adapters)
        {
            string? name = (adapter ?? throw new ArgumentException("Governance: an adapter is null.", nameof(adapters))).Descriptor?.Name;
            if (string.IsNullOrWhiteSpace(name) || !named.TryAdd(name, adapter))
            {
                throw new InvalidOperationException($"Governance: the names of adapters must be unique and not empty; '{name}' is not. Register each adapter once.");
            }
        }

        _adapters = named.ToFrozenDictionary(StringComparer.Ordinal);
        Names = [.. _adapters.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The names, in ordinal order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>An adapter by its name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such adapter; the message names those there are.</exception>
    public IGovernanceAdapter this[string name] => _adapters.TryGetValue(name, out IGovernanceAdapter? adapter)
        ? adapter
        : throw new KeyNotFoundException($"Governance: there is no adapter '{name}'. There are: {string.Join(", ", Names)}.");
}
