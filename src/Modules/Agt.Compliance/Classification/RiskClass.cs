namespace Agt.Compliance.Classification;

/// <summary>The classes of the EU AI Act, from the lightest to the gravest.</summary>
public enum RiskClass
{
    /// <summary>No duty of this kind.</summary>
    Minimal,

    /// <summary>People must be told (article 50).</summary>
    Limited,

    /// <summary>High-risk (article 6).</summary>
    High,

    /// <summary>Prohibited (article 5).</summary>
    Unacceptable,
}
