namespace Agt.Compliance.Reports;

/// <summary>What a log says about a control (spec 09, CMP-015).</summary>
public enum ControlStatus
{
    /// <summary>There is no evidence: nothing is known, for or against.</summary>
    NotAssessed,

    /// <summary>Every check that is needed could be made and passed. What no log can show stays with the organisation.</summary>
    Met,

    /// <summary>Some checks passed; others failed or could not be made.</summary>
    Partial,

    /// <summary>A check that decides failed, no check passed, or a violation is open.</summary>
    Failed,
}
