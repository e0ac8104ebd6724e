namespace Agt.Policy;

/// <summary>How a conflict was resolved (spec 01, POL-136).</summary>
/// <param name="Winner">The rule that decides.</param>
/// <param name="Strategy">By which strategy.</param>
/// <param name="Candidates">How many rules matched.</param>
/// <param name="ConflictDetected">Whether an allow and a denial were among them (POL-137).</param>
/// <param name="Trace">How it came about, a sentence a step; never empty.</param>
public sealed record ConflictResolution(PolicyCandidate Winner, ConflictStrategy Strategy, int Candidates, bool ConflictDetected, IReadOnlyList<string> Trace);
