namespace Agt.Conformance;

/// <summary>What came of a check.</summary>
public enum CheckStatus
{
    /// <summary>The adapter does what is asked.</summary>
    Passed,

    /// <summary>It does not.</summary>
    Failed,

    /// <summary>The adapter does not declare the ability, or the suite does not have the check yet.</summary>
    Unsupported,
}
