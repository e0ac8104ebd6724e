namespace Agt.Adapters.SemanticKernel;

/// <summary>Something in a kernel that is not governed, or that can undo what was decided.</summary>
/// <param name="Id">Names the kind of gap; stable.</param>
/// <param name="Description">What is the matter.</param>
/// <param name="Fix">What to do about it.</param>
public sealed record GovernanceGap(string Id, string Description, string Fix);
