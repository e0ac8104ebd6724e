namespace Agt.Policy.Acs;

/// <summary>What a resolver says of an escalation.</summary>
public enum AcsApprovalOutcome
{
    /// <summary>It may not run.</summary>
    Deny,

    /// <summary>It may run, as it was shown.</summary>
    Allow,

    /// <summary>Nobody has answered yet; the request stays open.</summary>
    Suspend,
}
