namespace Agt.Policy;

/// <summary>What became of one rule.</summary>
/// <param name="Policy">Its policy.</param>
/// <param name="Rule">Its name.</param>
/// <param name="Effect">What it prescribes.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Source">Its file.</param>
/// <param name="Position">Where in it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Tests">The tests of its condition, with what they read; empty for a rule that was not asked.</param>
public sealed record RuleExplanation(
    string Policy, string Rule, RuleEffect Effect, int Priority, string Source, SourcePosition Position, RuleOutcome Outcome, IReadOnlyList<TestExplanation> Tests);
