namespace Agt.Audit;

/// <summary>When the append of a decision is done, and so when its effect may start (spec 09, AUD-408).</summary>
public enum AuditDurability
{
    /// <summary>
    /// <see cref="WriteAhead"/> for tool calls that write, send something out, cannot be undone or do not say what they do; <see cref="Buffered"/> for tools that only read, for everything
    /// else and for denials (default).
    /// </summary>
    ByEffects,

    /// <summary>When the record is in the log's queue. What was not written yet, 50 ms at most, is lost with the process.</summary>
    Buffered,

    /// <summary>When the record survives a power cut.</summary>
    WriteAhead,

    /// <summary>
    /// As <see cref="ByEffects"/>, and tool calls that cannot be undone wait in addition until <see cref="AuditOptions.WitnessQuorum"/> witnesses have cosigned a checkpoint that covers the record: from then on not even the
    /// owner of the log can deny it. They are denied if the witnesses do not answer within <see cref="AuditOptions.AppendDeadline"/>.
    /// </summary>
    Witnessed,
}
