namespace Agt;

/// <summary>
/// What one interceptor says of an action: an outcome and, beside it, an optional detail with patches (a transform is orthogonal: an escalated action can be redacted too).
/// </summary>
/// <remarks>A value of 16 bytes; <c>default</c> is a plain allow.</remarks>
public readonly struct Verdict : IEquatable<Verdict>
{
    /// <summary>Creates a verdict.</summary>
    /// <param name="outcome">How restrictive.</param>
    /// <param name="detail">Why, by which rule, and what changes; required for anything but a plain allow.</param>
    public Verdict(VerdictOutcome outcome, VerdictDetail? detail)
    {
        Outcome = outcome;
        Detail = detail;
    }

    /// <summary>A plain allow.</summary>
    public static Verdict Allow => default;

    /// <summary>How restrictive.</summary>
    public VerdictOutcome Outcome { get; }

    /// <summary>Why, or null for a plain allow.</summary>
    public VerdictDetail? Detail { get; }

    /// <summary>Whether it is an allow without rule, reason or patch.</summary>
    public bool IsPlainAllow => Outcome == VerdictOutcome.Allow && Detail is null;

    /// <summary>Whether it is of the four outcomes, and says why when it has to.</summary>
    public bool IsValid => Outcome <= VerdictOutcome.Deny && (Detail is not null || Outcome == VerdictOutcome.Allow);

    /// <summary>A denial.</summary>
    public static Verdict Deny(ReasonCode reason, string? explanation = null) =>
        new(VerdictOutcome.Deny, new VerdictDetail(reason) { Explanation = explanation });

    /// <summary>A warning.</summary>
    public static Verdict Warn(ReasonCode reason, string? explanation = null) =>
        new(VerdictOutcome.Warn, new VerdictDetail(reason) { Explanation = explanation });

    /// <summary>A request for a person's approval.</summary>
    public static Verdict Escalate(string? explanation = null, IReadOnlyList<string>? approvers = null) =>
        new(VerdictOutcome.Escalate, new VerdictDetail(ReasonCodes.ApprovalRequired) { Explanation = explanation, Approvers = approvers ?? [] });

    /// <summary>An allow that changes arguments or output.</summary>
    public static Verdict Transform(ReasonCode reason, params IReadOnlyList<Patch> patches) =>
        new(VerdictOutcome.Allow, new VerdictDetail(reason) { Patches = patches });

    /// <inheritdoc />
    public bool Equals(Verdict other) => Outcome == other.Outcome && ReferenceEquals(Detail, other.Detail);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Verdict other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Outcome, Detail);

    /// <summary>Equality of outcome and detail (by reference).</summary>
    public static bool operator ==(Verdict left, Verdict right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(Verdict left, Verdict right) => !left.Equals(right);

    /// <summary>The outcome and the reason code.</summary>
    public override string ToString() => Detail is null ? Outcome.ToString() : $"{Outcome} ({Detail.Reason})";
}
