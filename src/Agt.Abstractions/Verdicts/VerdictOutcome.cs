namespace Agt;

/// <summary>How restrictive a verdict is; a greater one wins.</summary>
public enum VerdictOutcome : byte
{
    /// <summary>May proceed.</summary>
    Allow,

    /// <summary>May proceed, and somebody should know.</summary>
    Warn,

    /// <summary>Waits for a person.</summary>
    Escalate,

    /// <summary>Must not proceed.</summary>
    Deny,
}
