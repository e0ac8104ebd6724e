using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>What the log says about one framework. Immutable.</summary>
/// <param name="Pack">The framework.</param>
/// <param name="Controls">Its controls, in order.</param>
public sealed record FrameworkResult(CompliancePack Pack, IReadOnlyList<ControlResult> Controls)
{
    /// <summary>How many controls there are.</summary>
    public int Total => Controls.Count;

    /// <summary>How many are met.</summary>
    public int Met => Count(ControlStatus.Met);

    /// <summary>How many are met in part.</summary>
    public int Partial => Count(ControlStatus.Partial);

    /// <summary>How many failed.</summary>
    public int Failed => Count(ControlStatus.Failed);

    /// <summary>About how many nothing is known.</summary>
    public int NotAssessed => Count(ControlStatus.NotAssessed);

    /// <summary>How many of a hundred assessed controls are met, 0 to 100; null where none was assessed (spec 09, CMP-011, CMP-015).</summary>
    public double? Score => Total == NotAssessed ? null : Math.Round(100.0 * Met / (Total - NotAssessed), 1);

    private int Count(ControlStatus status) => Controls.Count(control => control.Status == status);
}
