namespace Agt;

/// <summary>Whether decisions hold (spec 08, ADP-050).</summary>
public enum GovernanceMode
{
    /// <summary>They hold.</summary>
    Enforce,

    /// <summary>
    /// Every action is decided on and recorded as it would be, marked <see cref="Decision.IsEnforced"/> false, and nothing comes of it: nothing is denied, withheld, changed or asked, and what
    /// would have been denied uses no budget. For trying policies out beside agents that run already. Logged as a warning at start.
    /// </summary>
    /// <remarks>
    /// Still enforced is what is no verdict: signals of operators (stop, kill), sessions that were closed, were idle too long or belong to somebody else, nesting beyond its bound, and what an
    /// adapter cannot represent. Time limits of sessions are not judged.
    /// </remarks>
    EvaluateOnly,
}
