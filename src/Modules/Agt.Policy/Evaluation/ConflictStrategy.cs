namespace Agt.Policy;

/// <summary>Which of several rules that match decides (spec 01, section 3.7).</summary>
public enum ConflictStrategy : byte
{
    /// <summary>A denial, else a needed approval, else the highest priority (POL-131). What <see cref="PolicyProfile.Strict"/> does unless told otherwise.</summary>
    DenyOverrides,

    /// <summary>An allow, else the highest priority (POL-132).</summary>
    AllowOverrides,

    /// <summary>The highest priority, whatever its effect (POL-133). What <see cref="PolicyProfile.AgentOs10"/> does unless told otherwise.</summary>
    PriorityFirstMatch,

    /// <summary>The narrowest scope (agent, organization, tenant, global), then the highest priority (POL-134).</summary>
    MostSpecificWins,
}
