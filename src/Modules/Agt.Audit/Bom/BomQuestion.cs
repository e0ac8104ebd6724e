namespace Agt.Audit.Bom;

/// <summary>Which decision is asked about: that of a trace, or what an agent did at a time. Immutable.</summary>
/// <param name="TraceId">The trace, or null.</param>
/// <param name="Agent">The agent, or null.</param>
/// <param name="From">The earliest evidence that counts, itself included; null for no limit.</param>
/// <param name="To">The latest evidence that counts, itself included; null for no limit.</param>
public sealed record BomQuestion(string? TraceId, string? Agent, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Whether a piece of evidence is asked for.</summary>
    /// <param name="evidence">The evidence.</param>
    public bool Wants(BomEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        return (TraceId is null || evidence.TraceId == TraceId) && (Agent is null || evidence.Agent == Agent) && (From is null || evidence.At >= From) && (To is null || evidence.At <= To);
    }
}
