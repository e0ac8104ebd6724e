namespace Agt.Policy;

/// <summary>Why an action is decided as it is. Holds values of the action: show it to those who may see them.</summary>
/// <param name="Verdict">The verdict, as <see cref="CompiledPolicySet.Evaluate"/> gives it.</param>
/// <param name="Strategy">How rules are combined.</param>
/// <param name="Candidates">How many rules match.</param>
/// <param name="ConflictDetected">Whether an allow and a denial match.</param>
/// <param name="Rules">Every rule of the set, in the order of documents and rules.</param>
public sealed record PolicyExplanation(Verdict Verdict, ConflictStrategy Strategy, int Candidates, bool ConflictDetected, IReadOnlyList<RuleExplanation> Rules);
