namespace Agt.Policy;

/// <summary>In which surroundings a host works; rules may be stricter in one than in another (spec 01, POL-100).</summary>
public enum OperatingContext : byte
{
    /// <summary>A person works with the agent and sees what it does (<c>inner_loop</c>).</summary>
    InnerLoop,

    /// <summary>A pipeline or a server (<c>ci_cd</c>).</summary>
    CiCd,

    /// <summary>Nobody watches (<c>autonomous</c>).</summary>
    Autonomous,
}
