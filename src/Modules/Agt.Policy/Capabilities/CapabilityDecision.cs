namespace Agt.Policy.Capabilities;

/// <summary>Whether an agent has a capability.</summary>
/// <param name="IsGranted">Whether it has.</param>
/// <param name="Grant">The grant or denial that decided; null if there is none.</param>
/// <param name="Explanation">Why, for the record.</param>
public sealed record CapabilityDecision(bool IsGranted, CapabilityGrant? Grant, string Explanation);
