namespace Agt.Audit.Export;

/// <summary>How the exporter treats its sink.</summary>
public enum BreakerState
{
    /// <summary>Records are sent.</summary>
    Closed = 0,

    /// <summary>One batch tries whether the sink works again.</summary>
    HalfOpen = 1,

    /// <summary>The sink failed too often in a row and is left alone for a while.</summary>
    Open = 2,
}
