namespace Agt.Conformance;

/// <summary>What a fixture builds its framework with.</summary>
/// <param name="Services">The host's services.</param>
/// <param name="Governance">Decides.</param>
/// <param name="Probes">The tools and the model.</param>
/// <param name="TerminateOnDeny">Whether a denial of a tool has to stop the framework's loop; only asked for if the descriptor says that it can.</param>
public sealed record ConformanceSetup(IServiceProvider Services, IGovernance Governance, ConformanceProbes Probes, bool TerminateOnDeny);
