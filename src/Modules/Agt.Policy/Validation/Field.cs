namespace Agt.Policy.Validation;

/// <summary>The fields that conditions can read. Those up to <see cref="ActionType"/> are fixed for a kind of action and are decided before it happens.</summary>
internal enum Field : byte
{
    ToolName,
    ToolSource,
    ToolHash,
    AgentId,
    User,
    Tenant,
    Point,
    Operation,
    Framework,
    ActionType,
    SessionId,
    SessionToolCalls,
    SessionModelCalls,
    SessionTokens,
    SessionLabels,

    /// <summary>An attribute that the document declares (POL-240).</summary>
    SessionAttributeDefinition,
    TrustScore,
    Verified,

    /// <summary>Arguments, messages or input, and below.</summary>
    Arguments,

    /// <summary>The result, and below.</summary>
    Output,

    /// <summary>What extractors found, and below.</summary>
    Facets,

    /// <summary>Any other name: a facet, else a member of the payload.</summary>
    Free,
}
