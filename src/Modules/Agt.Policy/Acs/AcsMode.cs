namespace Agt.Policy.Acs;

/// <summary>What becomes of a transform (spec 01, POL-416).</summary>
public enum AcsMode
{
    /// <summary>It is applied to the policy target.</summary>
    Enforce,

    /// <summary>It is checked and not applied. The verdict is the same.</summary>
    EvaluateOnly,
}
