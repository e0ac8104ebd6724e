namespace Agt.Benchmarks.Policy;

/// <summary>Which rule an action meets.</summary>
public enum PolicyHit
{
    /// <summary>The first one.</summary>
    First,

    /// <summary>The last one.</summary>
    Last,

    /// <summary>None.</summary>
    None,
}
