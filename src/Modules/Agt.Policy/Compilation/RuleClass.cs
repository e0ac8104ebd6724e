namespace Agt.Policy.Compilation;

/// <summary>The classes of rules in the order in which deny_overrides reaches them.</summary>
internal enum RuleClass : byte
{
    Deny,
    RateLimit,
    Approval,
    Transform,
    Warn,
    Audit,
    Allow,
}
