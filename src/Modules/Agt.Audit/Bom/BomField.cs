namespace Agt.Audit.Bom;

/// <summary>One item of what a decision was made from (spec 09, AUD-802). Immutable.</summary>
/// <param name="Name">Its name, such as <c>agent_identity</c>.</param>
/// <param name="Category"><c>identity</c>, <c>trust</c>, <c>policy</c>, <c>action</c>, <c>context</c>, <c>outcome</c> or <c>lineage</c>.</param>
/// <param name="Value">Its value.</param>
/// <param name="Source">Who said so.</param>
/// <param name="Confidence">How sure it is, 0 to 1.</param>
/// <param name="IsInferred">Whether it was worked out from other facts instead of recorded.</param>
public sealed record BomField(string Name, string Category, string Value, string Source, double Confidence = 1.0, bool IsInferred = false);
