namespace Agt.Events;

/// <summary>What became of a batch.</summary>
public enum EventExport : byte
{
    /// <summary>It arrived.</summary>
    Exported,

    /// <summary>It did not arrive. Denials, violations and approvals are kept and tried again.</summary>
    Failed,

    /// <summary>The sink let it go on purpose. That is no failure, and nothing is tried again.</summary>
    Dropped,
}
