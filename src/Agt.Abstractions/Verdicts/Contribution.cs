namespace Agt;

/// <summary>What one interceptor added to a decision.</summary>
/// <param name="Interceptor">Its name.</param>
/// <param name="Verdict">What it said.</param>
public readonly record struct Contribution(string Interceptor, Verdict Verdict);
