namespace Agt.Compliance.Packs;

/// <summary>Which controls a type of action touches (spec 09, CMP-003). Immutable.</summary>
/// <param name="ActionType">The type, for example <c>data_access</c>.</param>
/// <param name="Controls">Ids of controls.</param>
/// <param name="EvidenceGenerated">What such an action leaves as evidence.</param>
/// <param name="EvidenceRequired">What must be there for it, by name in the context of a check.</param>
public sealed record ActionMapping(string ActionType, IReadOnlyList<string> Controls, IReadOnlyList<string> EvidenceGenerated, IReadOnlyList<string> EvidenceRequired);
