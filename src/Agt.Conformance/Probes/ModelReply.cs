namespace Agt.Conformance;

/// <summary>What the model answers: a text, calls of tools, or both.</summary>
/// <param name="Text">The text.</param>
/// <param name="Calls">The calls.</param>
/// <param name="TotalTokens">What the reply reports as used.</param>
public sealed record ModelReply(string Text, IReadOnlyList<ModelCall> Calls, long TotalTokens = 12);
