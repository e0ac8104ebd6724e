namespace Agt.Policy.Acs;

/// <summary>A verdict (spec 01, POL-413 to 415). Immutable.</summary>
/// <param name="Decision">What was decided.</param>
public sealed record AcsVerdict(AcsDecision Decision)
{
    /// <summary>The message of a denial that no policy gave.</summary>
    public const string BlockedMessage = "Request blocked by Agent Control Specification.";

    /// <summary>Why: the policy's own reason, or one of <see cref="AcsReasons"/> where no policy decided; null when the policy gives none.</summary>
    public string? Reason { get; init; }

    /// <summary>What the policy says to people; null when it says nothing.</summary>
    public string? Message { get; init; }

    /// <summary>The change; set for <see cref="AcsDecision.Transform"/> alone.</summary>
    public AcsTransform? Transform { get; init; }

    /// <summary>Proof that the policy offers, or null.</summary>
    public AcsEvidence? Evidence { get; init; }

    /// <summary>Labels of what the action brings forth, as the policy gave them. The host keeps them with the data and hands them in as source labels later.</summary>
    public IReadOnlyList<string> ResultLabels { get; init; } = [];

    /// <summary>Whether the action may proceed, changed or not.</summary>
    public bool Permits => Decision is AcsDecision.Allow or AcsDecision.Warn or AcsDecision.Transform;

    /// <summary>Whether a runtime or host denied, and not a policy.</summary>
    public bool IsRuntimeError => Reason?.StartsWith(AcsReasons.Prefix, StringComparison.Ordinal) == true;

    internal static AcsVerdict RuntimeError(string reason) => new(AcsDecision.Deny) { Reason = reason, Message = BlockedMessage };
}
