namespace Agt;

/// <summary>The kind of a denial, safe to show to anyone (POL 4.3).</summary>
public enum DenialCategory
{
    /// <summary>No denial.</summary>
    None,

    /// <summary>A rule denied.</summary>
    RuleDenied,

    /// <summary>The tool is not permitted.</summary>
    NotAllowedTool,

    /// <summary>The tool is blocked.</summary>
    BlockedTool,

    /// <summary>Content is blocked.</summary>
    BlockedContent,

    /// <summary>A call or token limit is used up.</summary>
    MaxToolCalls,

    /// <summary>Time ran out.</summary>
    Timeout,

    /// <summary>A person has to approve, or refused.</summary>
    HumanApprovalRequired,

    /// <summary>Too many calls in a window.</summary>
    RateLimited,

    /// <summary>The request itself is malformed.</summary>
    RequestInvalid,

    /// <summary>The framework cannot do what the decision asks for.</summary>
    Unsupported,

    /// <summary>The decision itself failed; nothing is allowed then.</summary>
    PolicyError,

    /// <summary>The session has ended or was stopped.</summary>
    SessionEnded,

    /// <summary>Identity is missing or not proven.</summary>
    Identity,

    /// <summary>The class, category or place of the data is not permitted.</summary>
    ClassificationDenied,
}
