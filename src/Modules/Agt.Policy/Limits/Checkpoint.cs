namespace Agt.Policy.Limits;

/// <summary>A mark in a session under a <see cref="GovernancePolicy"/>: so many calls have run (spec 08, ADP-093). Immutable; holds no content.</summary>
/// <param name="Name"><c>checkpoint-</c> and the number of calls.</param>
/// <param name="Session">The session.</param>
/// <param name="Agent">The agent of the session.</param>
/// <param name="Policy">The name of the policy.</param>
/// <param name="Calls">How many calls of tools have run, 1 or more.</param>
/// <param name="CreatedAt">When the action that reached it was admitted (UTC).</param>
public sealed record Checkpoint(string Name, SessionId Session, AgentId Agent, string Policy, int Calls, DateTimeOffset CreatedAt);
