namespace Agt.Policy;

/// <summary>What became of the loads of a <see cref="PolicyEngine"/> (spec 01, POL-312).</summary>
/// <param name="Generation">The set in force; 1 for the first.</param>
/// <param name="Reloads">Loads that put a new set in force, the first not counted.</param>
/// <param name="FailedReloads">Loads that failed and left the set in force.</param>
/// <param name="LastLoad">How long the last successful load took, compiling included.</param>
/// <param name="SlowestLoad">How long the slowest took.</param>
/// <param name="LoadedAt">When the set in force was loaded (UTC).</param>
/// <param name="LastError">Why the last load failed; null if it did not.</param>
public sealed record PolicyStatistics(long Generation, long Reloads, long FailedReloads, TimeSpan LastLoad, TimeSpan SlowestLoad, DateTimeOffset LoadedAt, string? LastError);
