namespace Agt.Policy.Compilation;

/// <summary>The order in which the rules of a point are asked, so that the first match that decides is the one the strategy wants. Immutable.</summary>
internal sealed class RuleOrder(PolicyProfile profile, ConflictStrategy strategy)
{
    internal static RuleOrder Default { get; } = new(PolicyProfile.Strict, ConflictStrategy.DenyOverrides);

    internal PolicyProfile Profile => profile;

    internal ConflictStrategy Strategy => strategy;

    /// <summary>Whether the classes of effects come one after the other (docs/policy-semantics.md); else every rule stands for itself.</summary>
    internal bool IsByClass => strategy == ConflictStrategy.DenyOverrides && profile == PolicyProfile.Strict;

    /// <summary>Sorts; documents and rules keep their order where nothing tells them apart. What parents deny comes first, in <see cref="PolicyProfile.Strict"/>.</summary>
    internal CompiledRule[] Sort(CompiledRule[] rules)
    {
        IOrderedEnumerable<CompiledRule> order = rules.OrderBy(rule => rule.Sealed && profile == PolicyProfile.Strict ? 0 : 1);
        order = strategy switch
        {
            ConflictStrategy.DenyOverrides when IsByClass => order.ThenBy(rule => rule.Effect),
            ConflictStrategy.DenyOverrides => order.ThenBy(rule => rule.Effect == RuleEffect.Deny ? 0 : 1),
            ConflictStrategy.AllowOverrides => order.ThenBy(ClassUnderAllow),
            ConflictStrategy.MostSpecificWins => order.ThenByDescending(rule => rule.Scope),
            _ => order,
        };
        return [.. order.ThenByDescending(rule => rule.Priority)];
    }

    /// <summary>Whether a match of a rule ends the evaluation. In <see cref="PolicyProfile.Strict"/> what only adds something does not (POL-X08).</summary>
    internal bool Ends(RuleEffect effect) => profile == PolicyProfile.AgentOs10 || effect is RuleEffect.Deny or RuleEffect.Allow or RuleEffect.RequireApproval;

    private int ClassUnderAllow(CompiledRule rule) => rule.Effect == RuleEffect.Allow ? 1 : Ends(rule.Effect) ? 2 : 0;
}
