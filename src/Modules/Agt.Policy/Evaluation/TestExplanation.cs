namespace Agt.Policy;

/// <summary>One test of a condition.</summary>
/// <param name="Text">As the policy says it.</param>
/// <param name="Holds">Whether it holds; null if it cannot be evaluated.</param>
/// <param name="Values">What it read: paths and their values as JSON, cut at 200 characters; <c>(absent)</c> where nothing is.</param>
public sealed record TestExplanation(string Text, bool? Holds, IReadOnlyList<KeyValuePair<string, string>> Values);
