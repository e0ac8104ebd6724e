namespace Agt.Compliance.Packs;

/// <summary>One control of a framework, and how a log is asked about it (spec 09, CMP-002). Immutable and thread-safe.</summary>
/// <param name="ControlId">Its id, for example <c>SOC2-CC6.1</c>.</param>
/// <param name="Framework">The wire name of its framework.</param>
/// <param name="Name">Its title.</param>
/// <param name="Description">What it asks for.</param>
/// <param name="Category">The chapter it stands in.</param>
public sealed record ComplianceControl(string ControlId, string Framework, string Name, string Description, string Category)
{
    /// <summary>A part of the chapter, or null.</summary>
    public string? Subcategory { get; internal init; }

    /// <summary>What must be so, in short sentences.</summary>
    public IReadOnlyList<string> Requirements { get; internal init; } = [];

    /// <summary>The kinds of evidence that count.</summary>
    public IReadOnlyList<string> EvidenceTypes { get; internal init; } = [];

    /// <summary>What no log can show and stays with the organisation, or null.</summary>
    public string? Organisation { get; internal init; }

    /// <summary>What to do where it is not met, or null.</summary>
    public string? Remedy { get; internal init; }

    /// <summary>The tests. Empty where a log cannot speak about the control: it is then never assessed.</summary>
    public IReadOnlyList<ControlCheck> Checks { get; internal init; } = [];
}
