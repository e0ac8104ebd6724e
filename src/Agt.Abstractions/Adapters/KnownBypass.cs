namespace Agt.Adapters;

/// <summary>A way around an adapter's hooks that the framework leaves open.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Description">How it works.</param>
/// <param name="Mitigation">What the adapter does about it, or what the host has to do.</param>
public sealed record KnownBypass(string Id, string Description, string Mitigation);
