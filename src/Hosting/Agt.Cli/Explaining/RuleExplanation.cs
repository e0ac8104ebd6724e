namespace Agt.Cli;

/// <summary>What became of one rule.</summary>
/// <param name="Policy">Its policy.</param>
/// <param name="Rule">Its name.</param>
/// <param name="File">Where it stands.</param>
/// <param name="Line">In which line.</param>
/// <param name="Effect">What it does.</param>
/// <param name="Status"><c>matched</c>, <c>not_matched</c>, <c>error</c>, <c>other_agent</c>, <c>other_point</c> or <c>disabled</c>.</param>
/// <param name="Decided">Whether it is the rule that decided.</param>
/// <param name="Tests">The parts of its condition; empty where it was not looked at.</param>
internal sealed record RuleExplanation(string Policy, string Rule, string File, int Line, string Effect, string Status, bool Decided, IReadOnlyList<TestExplanation> Tests);

/// <summary>One part of a condition.</summary>
/// <param name="Condition">The part as text.</param>
/// <param name="Result"><c>true</c>, <c>false</c> or <c>error</c>.</param>
/// <param name="Values">What its paths led to.</param>
internal sealed record TestExplanation(string Condition, string Result, IReadOnlyList<KeyValuePair<string, string>> Values);
