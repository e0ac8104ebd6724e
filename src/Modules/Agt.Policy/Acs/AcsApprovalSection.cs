using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>What a manifest says of approvals (spec 01, POL-423). Immutable.</summary>
public sealed class AcsApprovalSection
{
    /// <summary>The resolver that is asked; null when the manifest names none.</summary>
    public string? DefaultResolver { get; internal init; }

    /// <summary>How long to wait for an answer; null when the manifest does not say.</summary>
    public TimeSpan? Timeout { get; internal init; }

    /// <summary>Whether a request that nobody answered stays open (<c>suspend</c>) instead of being denied. A manifest that says <c>allow</c> is loaded with a warning and denies.</summary>
    public bool SuspendsOnTimeout { get; internal init; }

    /// <summary>How many approvals of one agent within <see cref="FatigueWindow"/> are a reason to doubt them; null when the manifest does not say.</summary>
    public long? FatigueThreshold { get; internal init; }

    /// <summary>The window of <see cref="FatigueThreshold"/>; null when the manifest does not say.</summary>
    public TimeSpan? FatigueWindow { get; internal init; }

    /// <summary>The resolvers by name: JSON objects with a <c>type</c>.</summary>
    public IReadOnlyDictionary<string, GovernedValue> Resolvers { get; internal init; } = new Dictionary<string, GovernedValue>();
}
