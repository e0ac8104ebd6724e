namespace Agt.Policy;

/// <summary>A rule that matched, as <see cref="ConflictResolver"/> sees it.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Effect">What it prescribes.</param>
/// <param name="Priority">Its priority; greater comes first.</param>
/// <param name="Scope">For how much its document speaks.</param>
public sealed record PolicyCandidate(string Rule, RuleEffect Effect, int Priority = 0, PolicyScope Scope = PolicyScope.Global);
