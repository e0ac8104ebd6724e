namespace Agt.Adapters;

/// <summary>An adapter, as a service that hosts can list. Thread-safe.</summary>
public interface IGovernanceAdapter
{
    /// <summary>What it covers.</summary>
    AdapterDescriptor Descriptor { get; }
}
