namespace Agt.Policy.Limits;

/// <summary>Comparing policies.</summary>
public sealed partial record GovernancePolicy
{
    /// <summary>
    /// Whether this policy permits nothing that another forbids, and forbids something that it permits (spec 01, 5.4, POL-157). An equal policy is not stricter; of two policies that
    /// each are stricter in something, neither is.
    /// </summary>
    /// <param name="other">The other.</param>
    public bool IsStricterThan(GovernancePolicy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var tools = new HashSet<string>(_allowedTools, StringComparer.Ordinal);
        var otherTools = new HashSet<string>(other._allowedTools, StringComparer.Ordinal);
        var patterns = new HashSet<BlockedPattern>(BlockedPatterns);
        var otherPatterns = new HashSet<BlockedPattern>(other.BlockedPatterns);
        ReadOnlySpan<int> numbers =
        [
            MaxTokens.CompareTo(other.MaxTokens), MaxToolCalls.CompareTo(other.MaxToolCalls), TimeoutSeconds.CompareTo(other.TimeoutSeconds), MaxConcurrent.CompareTo(other.MaxConcurrent),
            BackpressureThreshold.CompareTo(other.BackpressureThreshold), CheckpointFrequency.CompareTo(other.CheckpointFrequency), DriftThreshold.CompareTo(other.DriftThreshold),
            other.ConfidenceThreshold.CompareTo(ConfidenceThreshold), other.RequireHumanApproval.CompareTo(RequireHumanApproval),
        ];
        bool strict = false;
        foreach (int number in numbers)
        {
            if (number > 0)
            {
                return false;
            }

            strict |= number < 0;
        }

        // An empty list of tools is all tools.
        bool fewerTools = otherTools.Count == 0 ? tools.Count > 0 : tools.IsProperSubsetOf(otherTools) && tools.Count > 0;
        bool sameTools = tools.SetEquals(otherTools);
        return (fewerTools || sameTools) && otherPatterns.IsSubsetOf(patterns) && (strict || fewerTools || patterns.Count > otherPatterns.Count);
    }

    /// <summary>Every field that another policy has differently, in the order of files (POL-158).</summary>
    /// <param name="other">The other, taken for the newer one.</param>
    public IReadOnlyList<GovernancePolicyChange> Diff(GovernancePolicy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var changes = new List<GovernancePolicyChange>();
        foreach ((string field, Func<GovernancePolicy, string> json) in GovernancePolicyFormat.Fields)
        {
            string old = json(this);
            string changed = json(other);
            if (old != changed)
            {
                changes.Add(new GovernancePolicyChange(field, old, changed));
            }
        }

        return changes;
    }

    /// <summary>This policy and another as two versions of one (POL-158).</summary>
    /// <param name="other">The newer one.</param>
    public GovernancePolicyVersions CompareVersions(GovernancePolicy other)
    {
        IReadOnlyList<GovernancePolicyChange> changes = Diff(other);
        return new GovernancePolicyVersions(Version, other.Version, Version != other.Version, changes);
    }
}
