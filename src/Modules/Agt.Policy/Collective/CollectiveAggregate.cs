namespace Agt.Policy.Collective;

/// <summary>What is computed over the matching actions of all agents together (spec 01, POL-252).</summary>
public enum CollectiveAggregate : byte
{
    /// <summary>How many there were.</summary>
    Count,

    /// <summary>The sum of a number in their arguments.</summary>
    Sum,

    /// <summary>How many different agents took part.</summary>
    DistinctAgents,

    /// <summary>The greatest number in their arguments.</summary>
    Max,
}
