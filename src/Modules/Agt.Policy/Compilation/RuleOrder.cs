namespace Agt.Policy.Compilation;

/// <summary>The order in which the rules of a point are asked, so that the first match that decides is the one the strategy wants. Immutable.</summary>
internal sealed class RuleOrder(PolicyProfile profile, ConflictStrategy strategy)
{
    internal static RuleOrder Default { get; } = new(PolicyProfile.Strict, ConflictStrategy.DenyOverrides);

    internal PolicyProfile Profile => profile;

    internal ConflictStrategy Strategy => strategy;

    /// <summary>Whether the classes of effects come one after the other (docs/policy-semantics.md); else every rule stands for itself.</summary>
    internal bool IsByClass => strategy == ConflictStrategy.DenyOverrides && profile == PolicyProfile.Strict;

    /// <summary>Sorts; documents and rules keep their order where nothing tells them apart.</summary>
    internal CompiledRule[] Sort(CompiledRule[] rules)
    {
        if (IsByClass)
        {
            return [.. rules.OrderBy(rule => rule.Effect).ThenByDescending(rule => rule.Priority)];
        }

        return strategy switch
        {
            ConflictStrategy.DenyOverrides => [.. rules.OrderBy(rule => rule.Effect == RuleEffect.Deny ? 0 : 1).ThenByDescending(rule => rule.Priority)],
            ConflictStrategy.AllowOverrides => [.. rules.OrderBy(ClassUnderAllow).ThenByDescending(rule => rule.Priority)],
            ConflictStrategy.MostSpecificWins => [.. rules.OrderByDescending(rule => rule.Scope).ThenByDescending(rule => rule.Priority)],
            _ => [.. rules.OrderByDescending(rule => rule.Priority)],
        };
    }

    /// <summary>Whether a match of a rule ends the evaluation. In <see cref="PolicyProfile.Strict"/> what only adds something does not (POL-X08).</summary>
    internal bool Ends(RuleEffect effect) => profile == PolicyProfile.AgentOs10 || effect is RuleEffect.Deny or RuleEffect.Allow or RuleEffect.RequireApproval;

    private int ClassUnderAllow(CompiledRule rule) => rule.Effect == RuleEffect.Allow ? 1 : Ends(rule.Effect) ? 2 : 0;
}
