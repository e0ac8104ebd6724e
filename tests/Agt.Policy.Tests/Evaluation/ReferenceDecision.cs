namespace Agt.Policy.Tests.Evaluation;

/// <summary>What the reference says of an action.</summary>
internal sealed record ReferenceDecision(VerdictOutcome Outcome, string? Reason, string? Policy, string? Rule, IReadOnlyList<Patch> Patches, IReadOnlyList<string> Approvers)
{
    internal static ReferenceDecision Of(Verdict verdict) => new(
        verdict.Outcome, verdict.Detail?.Reason.Code, verdict.Detail?.Policy, verdict.Detail?.Rule, verdict.Detail?.Patches ?? [], verdict.Detail?.Approvers ?? []);

    public bool Equals(ReferenceDecision? other) =>
        other is not null && Outcome == other.Outcome && Reason == other.Reason && Policy == other.Policy && Rule == other.Rule &&
        Patches.SequenceEqual(other.Patches) && Approvers.SequenceEqual(other.Approvers);

    public override int GetHashCode() => HashCode.Combine(Outcome, Reason, Policy, Rule);

    public override string ToString() => $"{Outcome} {Reason} {Policy}/{Rule} patches {Patches.Count} approvers {Approvers.Count}";
}
