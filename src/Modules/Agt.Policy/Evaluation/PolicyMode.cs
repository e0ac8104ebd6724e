namespace Agt.Policy;

/// <summary>Whether policies hold (spec 01, POL-315).</summary>
public enum PolicyMode : byte
{
    /// <summary>They hold.</summary>
    Enforce,

    /// <summary>
    /// They are evaluated and recorded, and hold nobody back: what would be denied, or need approval, is a warning with the reason <c>policy:would_deny</c> or <c>policy:would_escalate</c>, and
    /// transforms are not applied. For the weeks before a policy is enforced; a host in this mode says so in its log when it starts.
    /// </summary>
    EvaluateOnly,
}
