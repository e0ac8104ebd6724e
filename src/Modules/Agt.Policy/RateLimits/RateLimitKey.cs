namespace Agt.Policy.RateLimits;

/// <summary>Names one window of one rate limit. Changing the limit of a rule starts a new window.</summary>
/// <param name="Policy">The document's name.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Scope">What <paramref name="Subject"/> names.</param>
/// <param name="Subject">The agent, tenant, session or tool; empty for none.</param>
/// <param name="Limit">How many calls are admitted in any window of which length.</param>
public readonly record struct RateLimitKey(string Policy, string Rule, RateLimitScope Scope, string Subject, RateLimit Limit);
