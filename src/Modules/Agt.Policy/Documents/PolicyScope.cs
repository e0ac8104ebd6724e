namespace Agt.Policy;

/// <summary>For how much a policy speaks, from the least to the most specific (POL-011, POL-134).</summary>
public enum PolicyScope : byte
{
    /// <summary>Everything.</summary>
    Global,

    /// <summary>One tenant.</summary>
    Tenant,

    /// <summary>One organization.</summary>
    Organization,

    /// <summary>One agent.</summary>
    Agent,
}
