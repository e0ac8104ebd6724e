namespace Agt.Policy.Labels;

/// <summary>What the next step does with what an envelope holds.</summary>
public enum ContextAction
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>It lets something out: restricted by <see cref="ContextRestrictions.NoExternalExport"/>.</summary>
    Export,

    /// <summary>It hands the work on: restricted by <see cref="ContextRestrictions.NoExternalDelegation"/>.</summary>
    Delegate,

    /// <summary>It writes into a memory: restricted by <see cref="ContextRestrictions.NoMemoryWrite"/>.</summary>
    MemoryWrite,
}
