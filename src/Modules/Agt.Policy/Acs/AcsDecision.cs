namespace Agt.Policy.Acs;

/// <summary>What a verdict of the Agent Control Specification decides.</summary>
public enum AcsDecision
{
    /// <summary>The action may proceed.</summary>
    Allow,

    /// <summary>It may not.</summary>
    Deny,

    /// <summary>It may proceed, and somebody should know.</summary>
    Warn,

    /// <summary>It waits for a person.</summary>
    Escalate,

    /// <summary>It may proceed with another policy target.</summary>
    Transform,
}
