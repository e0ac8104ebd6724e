namespace Agt.Compliance.Classification;

/// <summary>What a system was classified as, and why. Immutable.</summary>
/// <param name="Class">The class.</param>
/// <param name="Triggers">What led to it, in the order of the cascade.</param>
/// <param name="Exemptions">The exemptions that were applied, sorted.</param>
/// <param name="Ignored">Exemptions that were claimed and do not exist, sorted.</param>
public sealed record RiskClassification(RiskClass Class, IReadOnlyList<string> Triggers, IReadOnlyList<string> Exemptions, IReadOnlyList<string> Ignored);
