namespace Agt.Audit.Verification;

/// <summary>Something in a log that is sound and needs an explanation.</summary>
/// <param name="Kind">What: <c>emitter_gap</c>, <c>outcome_missing</c>, <c>clock_regression</c>, <c>unknown_version</c>, <c>in_doubt</c>, <c>unwitnessed</c> or <c>uncovered</c>.</param>
/// <param name="Index">The record, or -1 for the whole log.</param>
/// <param name="Severity"><c>info</c>, <c>low</c>, <c>medium</c>, <c>high</c> or <c>critical</c>.</param>
/// <param name="Detail">What it means.</param>
public sealed record LogFinding(string Kind, long Index, string Severity, string Detail);
