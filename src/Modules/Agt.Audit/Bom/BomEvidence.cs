namespace Agt.Audit.Bom;

/// <summary>Something that a source knows about a moment: whatever of it is set. Immutable.</summary>
/// <param name="At">When.</param>
public sealed record BomEvidence(DateTimeOffset At)
{
    /// <summary>Who acted.</summary>
    public string? Agent { get; init; }

    /// <summary>The trace it belongs to.</summary>
    public string? TraceId { get; init; }

    /// <summary>What was asked for.</summary>
    public string? Action { get; init; }

    /// <summary>What came out: <c>allow</c>, <c>warn</c>, <c>alert</c>, <c>escalate</c>, <c>deny</c> or a word for one of them.</summary>
    public string? Outcome { get; init; }

    /// <summary>How far the agent was trusted then, 0 to 1,000.</summary>
    public int? TrustScore { get; init; }

    /// <summary>The rules that were evaluated.</summary>
    public string? Rules { get; init; }

    /// <summary>Further items.</summary>
    public IReadOnlyList<BomField> Fields { get; init; } = [];
}
