using Agt.Policy.RateLimits;
using Agt.Policy.Syntax;

namespace Agt.Policy.Documents;

/// <summary>One rule as it was read.</summary>
internal sealed record PolicyRule
{
    internal required string Name { get; init; }

    internal required SourcePosition Position { get; init; }

    internal required ConditionNode Condition { get; init; }

    internal required RuleEffect Effect { get; init; }

    internal required InterventionPoint[] Points { get; init; }

    internal int Priority { get; init; }

    internal bool Enabled { get; init; } = true;

    /// <summary>Whether it may replace a rule of its name of a folder above (POL-114).</summary>
    internal bool Overrides { get; init; }

    /// <summary>Whether it is a denial of a parent, which is asked before every rule that the children bring along (POL-116).</summary>
    internal bool Sealed { get; init; }

    internal RateLimit? Limit { get; init; }

    internal RateLimitScope LimitScope { get; init; }

    internal string[] Approvers { get; init; } = [];

    internal string? Description { get; init; }

    internal string? Message { get; init; }

    internal Patch[] Patches { get; init; } = [];
}
