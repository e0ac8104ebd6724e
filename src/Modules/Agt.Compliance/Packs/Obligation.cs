namespace Agt.Compliance.Packs;

/// <summary>When an action breaks a control: what its context says, and what would excuse it.</summary>
internal sealed record Obligation(
    IReadOnlyList<string> Controls, string Description, string Severity, IReadOnlyList<string> Actions,
    IReadOnlyList<(string Name, IReadOnlyList<string> Values)> When, IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Unless, IReadOnlyList<string> Evidence);
