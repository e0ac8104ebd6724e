namespace Agt.Conformance;

/// <summary>What came of one check.</summary>
/// <param name="Check">The check.</param>
/// <param name="Status">Whether it passed.</param>
/// <param name="Detail">What was expected and seen, or why it is unsupported; null if it passed.</param>
public sealed record CheckResult(ConformanceCheck Check, CheckStatus Status, string? Detail);
