namespace Agt.Compliance.Reports;

/// <summary>What came of one check.</summary>
public enum CheckStatus
{
    /// <summary>There are no records, or too few, that it is about.</summary>
    NotAssessed,

    /// <summary>The records speak for it.</summary>
    Passed,

    /// <summary>The records speak against it.</summary>
    Failed,
}
