namespace Agt.Policy.Intents;

/// <summary>One thing that an intent plans.</summary>
/// <param name="Tool">The tool, by exact name.</param>
/// <param name="Condition">What its arguments have to be like, as a condition of the policy language (<c>args.amount &lt;= 100</c>); null for anything.</param>
public sealed record PlannedAction(string Tool, string? Condition = null);
