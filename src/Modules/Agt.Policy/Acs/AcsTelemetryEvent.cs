namespace Agt.Policy.Acs;

/// <summary>
/// One event of an evaluation (spec 01, POL-429): names, codes and durations. Never a value of the snapshot, of an annotation or of a transform, and no address of a verification pointer. Immutable.
/// </summary>
/// <param name="EventType"><c>decision</c>, <c>annotator_dispatch</c>, <c>policy_evaluation</c>, <c>evaluation_timing</c>, <c>intervention_point.transformed</c>, <c>annotator_failed</c> or <c>policy_failed</c>.</param>
/// <param name="Point">The point.</param>
public sealed record AcsTelemetryEvent(string EventType, InterventionPoint Point)
{
    /// <summary>What was decided, where the event is about that.</summary>
    public AcsDecision? Decision { get; init; }

    /// <summary>The reason, if it looks like a code (letters, digits, <c>_ . : / -</c>, at most 96); <c>policy_reason</c> for any other text.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>The reserved reason without its prefix; null where nothing failed.</summary>
    public string? ErrorClass { get; init; }

    /// <summary>The policy.</summary>
    public string? PolicyId { get; init; }

    /// <summary>Its type.</summary>
    public string? PolicyType { get; init; }

    /// <summary>The annotators.</summary>
    public IReadOnlyList<string> Annotators { get; init; } = [];

    /// <summary>The mode, where the event is about the whole evaluation.</summary>
    public AcsMode? Mode { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The enforced identity.</summary>
    public string? ActionIdentity { get; init; }

    /// <summary>The content address or URI of the proof, if the policy gave one.</summary>
    public string? EvidenceArtefact { get; init; }

    /// <summary>The names of the verification pointers, in ordinal order.</summary>
    public IReadOnlyList<string> EvidencePointerKeys { get; init; } = [];
}
