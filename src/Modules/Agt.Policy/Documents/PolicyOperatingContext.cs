namespace Agt.Policy;

/// <summary>Where agents work, for rules that act differently there (spec 01, POL-100).</summary>
public enum PolicyOperatingContext
{
    /// <summary><c>inner_loop</c>: beside a developer who sees every step.</summary>
    InnerLoop,

    /// <summary><c>ci_cd</c>: in a pipeline.</summary>
    CiCd,

    /// <summary><c>autonomous</c>: nobody watches.</summary>
    Autonomous,
}
