namespace Agt.Adapters.SemanticKernel;

/// <summary>Whether a kernel is governed, as it stands now. Immutable.</summary>
/// <param name="Filters">The hooks whose first filter is governance: <c>function</c>, <c>auto_function</c>, <c>prompt</c>.</param>
/// <param name="GovernedServices">How many chat services are decorated.</param>
/// <param name="Gaps">What is not governed; empty if all is well.</param>
public sealed record KernelGovernanceReport(IReadOnlyList<string> Filters, int GovernedServices, IReadOnlyList<GovernanceGap> Gaps)
{
    /// <summary>Whether there is no gap.</summary>
    public bool IsGoverned => Gaps.Count == 0;

    /// <summary>Throws if there is a gap; for hosts that do not want to start without governance.</summary>
    /// <exception cref="InvalidOperationException">There is one; the message names each and its fix.</exception>
    public void ThrowIfNotGoverned()
    {
        if (!IsGoverned)
        {
            throw new InvalidOperationException(
                "The kernel is not fully governed." + string.Concat(Gaps.Select(gap => $"{Environment.NewLine}- {gap.Id}: {gap.Description} {gap.Fix}")));
        }
    }
}
