namespace Agt.Policy.Compilation;

/// <summary>Where a path starts. Everything up to <see cref="Framework"/> is known from the template alone.</summary>
internal enum FieldRoot : byte
{
    /// <summary>Reserved, and nothing is there.</summary>
    Nothing,
    ToolName,
    ToolSource,
    ToolHash,
    Agent,
    User,
    Tenant,
    Operation,
    Point,
    ActionType,
    Framework,
    SessionId,
    ToolCalls,
    ModelCalls,
    Tokens,
    Labels,

    /// <summary>An attribute that a policy declares (POL-240).</summary>
    Attribute,
    TrustScore,
    Verified,
    Facets,

    /// <summary>The whole payload: <c>args</c>, or <c>input</c> where input arrives.</summary>
    Payload,

    /// <summary>The result.</summary>
    Output,

    /// <summary>A name of the caller's: a facet, else a member of the payload.</summary>
    Named,
}
