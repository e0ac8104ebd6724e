namespace Agt.Benchmarks.Percentiles;

/// <summary>Something to time.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Call">One call.</param>
internal sealed record PercentileSubject(string Name, Action Call);
