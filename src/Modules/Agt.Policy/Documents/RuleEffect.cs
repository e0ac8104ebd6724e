namespace Agt.Policy;

/// <summary>What a rule prescribes (POL-070), in the order in which classes of rules are evaluated.</summary>
public enum RuleEffect : byte
{
    /// <summary>Must not happen (<c>deny</c>, <c>block</c>).</summary>
    Deny,

    /// <summary>May happen so often in a window (<c>rate_limit</c>).</summary>
    RateLimit,

    /// <summary>A person has to approve (<c>require_approval</c>, <c>escalate</c>).</summary>
    RequireApproval,

    /// <summary>May happen, changed (<c>transform</c>, <c>redact</c>).</summary>
    Transform,

    /// <summary>May happen, and somebody should know (<c>warn</c>).</summary>
    Warn,

    /// <summary>May happen, and the record names the rule (<c>audit</c>, <c>log</c>).</summary>
    Audit,

    /// <summary>May happen (<c>allow</c>).</summary>
    Allow,
}
