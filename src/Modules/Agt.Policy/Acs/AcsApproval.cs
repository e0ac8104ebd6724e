namespace Agt.Policy.Acs;

/// <summary>A resolver's answer. Immutable.</summary>
/// <param name="Outcome">What it says.</param>
/// <param name="EnforcedIdentity">Of what: the identity that the resolver was shown. Required unless it denies.</param>
public sealed record AcsApproval(AcsApprovalOutcome Outcome, string? EnforcedIdentity = null)
{
    /// <summary>Who answered, or null.</summary>
    public string? Approver { get; init; }

    /// <summary>Why, in the resolver's own words; null for none. Must not begin like a reserved reason.</summary>
    public string? Reason { get; init; }
}
