namespace Agt.Conformance;

/// <summary>One message that reached the model.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Text">Its text; of a tool message the result. Empty if it has none.</param>
/// <param name="CallId">Of a tool message, the call that it answers.</param>
public sealed record ModelMessage(string Role, string Text, string? CallId = null);
