namespace Agt.Conformance;

/// <summary>One update of a stream: a piece of text, or a call.</summary>
/// <param name="Text">The piece of text; empty for a call.</param>
/// <param name="Call">The call; null for text.</param>
public sealed record ModelPiece(string Text, ModelCall? Call);
