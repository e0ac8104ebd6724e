namespace Agt.Policy.Labels;

/// <summary>What may become of the next step (spec 01, POL-247).</summary>
public enum ContextOutcome
{
    /// <summary>It may go on.</summary>
    Allow,

    /// <summary>It may go on only as <see cref="ContextDecision.Resolve"/> says.</summary>
    Constrain,

    /// <summary>A person decides.</summary>
    Escalate,

    /// <summary>It may not.</summary>
    Deny,
}
