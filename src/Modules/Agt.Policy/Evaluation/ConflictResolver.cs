namespace Agt.Policy;

/// <summary>
/// Picks the rule that decides among those that matched. The engine does the same by the order in which it asks its rules; this says it for rules that are matched already. Thread-safe.
/// </summary>
public static class ConflictResolver
{
    /// <summary>Resolves.</summary>
    /// <param name="candidates">The rules that matched, in the order of documents and rules; ties keep it (POL-135).</param>
    /// <param name="strategy">How.</param>
    /// <param name="profile">In <see cref="PolicyProfile.AgentOs10"/> a needed approval has no precedence among what does not deny (POL-131).</param>
    /// <exception cref="ArgumentException">There is no candidate (POL-138).</exception>
    public static ConflictResolution Resolve(IReadOnlyList<PolicyCandidate> candidates, ConflictStrategy strategy, PolicyProfile profile = PolicyProfile.Strict)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        if (candidates.Count == 0)
        {
            throw new ArgumentException("There is no candidate to choose from.", nameof(candidates));
        }

        bool denies = candidates.Any(candidate => candidate.Effect == RuleEffect.Deny);
        bool conflict = denies && candidates.Any(candidate => candidate.Effect == RuleEffect.Allow);
        var trace = new List<string>();
        if (candidates.Count == 1)
        {
            trace.Add($"'{candidates[0].Rule}' is the only rule that matched.");
            return new ConflictResolution(candidates[0], strategy, 1, false, trace);
        }

        trace.Add($"{candidates.Count} rules matched: {string.Join(", ", candidates.Select(candidate => $"'{candidate.Rule}' ({candidate.Effect}, priority {candidate.Priority}, {candidate.Scope})"))}.");
        IReadOnlyList<PolicyCandidate> field = strategy switch
        {
            ConflictStrategy.DenyOverrides when denies => Only(candidates, RuleEffect.Deny, "denials override", trace),
            ConflictStrategy.DenyOverrides when profile == PolicyProfile.Strict && candidates.Any(candidate => candidate.Effect == RuleEffect.RequireApproval) =>
                Only(candidates, RuleEffect.RequireApproval, "nothing denies, and a needed approval comes next", trace),
            ConflictStrategy.AllowOverrides when candidates.Any(candidate => candidate.Effect == RuleEffect.Allow) => Only(candidates, RuleEffect.Allow, "allows override", trace),
            _ => candidates,
        };
        if (strategy == ConflictStrategy.MostSpecificWins)
        {
            PolicyScope narrowest = field.Max(candidate => candidate.Scope);
            field = [.. field.Where(candidate => candidate.Scope == narrowest)];
            trace.Add($"The narrowest scope is {narrowest}: {field.Count} left.");
        }

        PolicyCandidate winner = field.MaxBy(candidate => candidate.Priority)!;
        trace.Add($"'{winner.Rule}' has the highest priority of those left, {winner.Priority}.");
        return new ConflictResolution(winner, strategy, candidates.Count, conflict, trace);
    }

    private static List<PolicyCandidate> Only(IReadOnlyList<PolicyCandidate> candidates, RuleEffect effect, string why, List<string> trace)
    {
        List<PolicyCandidate> left = [.. candidates.Where(candidate => candidate.Effect == effect)];
        trace.Add($"Of those, {why}: {left.Count} left.");
        return left;
    }
}
