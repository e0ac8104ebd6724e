namespace Agt;

/// <summary>What became of an action.</summary>
public enum OutcomeStatus : byte
{
    /// <summary>It ran and returned.</summary>
    Completed,

    /// <summary>It ran and threw.</summary>
    Failed,

    /// <summary>It started and was cancelled.</summary>
    Cancelled,

    /// <summary>It was let go, and nobody said what became of it.</summary>
    Abandoned,

    /// <summary>It never started: it was denied.</summary>
    Denied,
}
