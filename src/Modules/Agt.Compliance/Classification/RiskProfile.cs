namespace Agt.Compliance.Classification;

/// <summary>What is known of a system. Names are normalised: lower case, spaces and hyphens as underscores. What is not said is not taken as harmless.</summary>
public sealed record RiskProfile
{
    /// <summary>The areas it is used in, and what it does there.</summary>
    public IReadOnlyCollection<string> Domains { get; init; } = [];

    /// <summary>What it can do.</summary>
    public IReadOnlyCollection<string> Capabilities { get; init; } = [];

    /// <summary>Whether it is a safety component of a product, or such a product itself.</summary>
    public bool IsSafetyComponent { get; init; }

    /// <summary>The law of Annex I that the product falls under; null if not known.</summary>
    public string? Legislation { get; init; }

    /// <summary>Whether it makes profiles of people; null if not known, which counts as yes where it matters.</summary>
    public bool? Profiling { get; init; }

    /// <summary>The exemptions of article 6(3) that are claimed.</summary>
    public IReadOnlyCollection<string> Exemptions { get; init; } = [];

    /// <summary>Where a person's assessment of the exemption is recorded: a document, a ticket, a record of the log. Without it no exemption holds.</summary>
    public string? AssessmentReference { get; init; }
}
