using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>What the records say to one check. Immutable.</summary>
/// <param name="Check">The check.</param>
/// <param name="Status">What came of it.</param>
/// <param name="For">How many records speak for it.</param>
/// <param name="Against">How many speak against it.</param>
/// <param name="Explanation">Why it is so, in a sentence.</param>
public sealed record CheckResult(ControlCheck Check, CheckStatus Status, long For, long Against, string Explanation)
{
    /// <summary>Indices of sample records that speak for it; they are in <see cref="ComplianceReport.Evidence"/>.</summary>
    public IReadOnlyList<long> ForSamples { get; init; } = [];

    /// <summary>Indices of sample records that speak against it.</summary>
    public IReadOnlyList<long> AgainstSamples { get; init; } = [];

    /// <summary>Where all records are that speak for it.</summary>
    public IReadOnlyList<IndexRange> ForRanges { get; init; } = [];

    /// <summary>Where all records are that speak against it.</summary>
    public IReadOnlyList<IndexRange> AgainstRanges { get; init; } = [];
}
