namespace Agt.Compliance.Packs;

/// <summary>From when something applies. Immutable.</summary>
/// <param name="Name">What applies.</param>
/// <param name="Applies">From when.</param>
/// <param name="Source">Where that is said.</param>
public sealed record FrameworkDate(string Name, DateOnly Applies, string Source);
