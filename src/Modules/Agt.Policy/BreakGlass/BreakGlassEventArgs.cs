namespace Agt.Policy.BreakGlass;

/// <summary>Something happened to a grant.</summary>
/// <param name="what">What.</param>
/// <param name="grant">The grant.</param>
/// <param name="by">Who: the signers, the agent that used it, or who revoked it.</param>
public sealed class BreakGlassEventArgs(BreakGlassEvent what, BreakGlassGrant grant, string by) : EventArgs
{
    /// <summary>What.</summary>
    public BreakGlassEvent What => what;

    /// <summary>The grant.</summary>
    public BreakGlassGrant Grant => grant;

    /// <summary>Who: the signers, the agent that used it, or who revoked it.</summary>
    public string By => by;
}
