namespace Agt.Policy.Compilation;

/// <summary>One enabled rule, bound to its intervention point, with the verdicts it can give made in advance. Immutable.</summary>
internal sealed class CompiledRule
{
    internal required RuleEffect Effect { get; init; }

    internal required InterventionPoint Point { get; init; }

    internal required int Priority { get; init; }

    /// <summary>Whether it is asked before all rules that are not, whatever the strategy (POL-116).</summary>
    internal bool Sealed { get; init; }

    /// <summary>For how much its document speaks.</summary>
    internal required PolicyScope Scope { get; init; }

    /// <summary>Its document's place in the set.</summary>
    internal required int Document { get; init; }

    internal required Condition Condition { get; init; }

    /// <summary>What it gives when it matches (a rate limit: when it admits).</summary>
    internal required Verdict Verdict { get; init; }

    /// <summary>What it gives when it cannot be evaluated.</summary>
    internal required Verdict Error { get; init; }

    internal RateLimitRule? RateLimit { get; init; }

    /// <summary>The distinct tests that the template alone answers.</summary>
    internal required Test[] StaticTests { get; init; }

    /// <summary>The tools it can apply to; null if that cannot be told.</summary>
    internal ToolFilter? Tools { get; init; }

    internal VerdictDetail Detail => Verdict.Detail!;
}
