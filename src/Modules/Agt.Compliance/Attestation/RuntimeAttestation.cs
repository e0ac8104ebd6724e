using Agt.Audit.Statements;

namespace Agt.Compliance.Attestation;

/// <summary>What live probes showed of a running system, signed by the key of its log (spec 09, CMP-301 to CMP-303). Immutable.</summary>
public sealed record RuntimeAttestation
{
    /// <summary>The type of what the statement says.</summary>
    public const string PredicateType = "urn:agt:runtime-attestation:1";

    /// <summary>The controls, in the order of their framework.</summary>
    public required IReadOnlyList<AttestedControl> Controls { get; init; }

    /// <summary>What came of the probes.</summary>
    public required IReadOnlyList<ProbeOutcome> Probes { get; init; }

    /// <summary>What the evidence directory showed; empty without one.</summary>
    public IReadOnlyList<EvidenceCheck> Evidence { get; init; } = [];

    /// <summary>How many of a hundred controls passed, truncated; 0 without controls.</summary>
    public int Percentage => PercentageOf(Controls.Count(control => control.Passed), Controls.Count);

    /// <summary>A from 90, B from 80, C from 70, D from 60, else F.</summary>
    public char Grade => GradeOf(Percentage);

    /// <summary>The signed statement.</summary>
    public required DsseEnvelope Envelope { get; init; }

    internal static int PercentageOf(int passed, int all) => all == 0 ? 0 : passed * 100 / all;

    internal static char GradeOf(int percentage) => percentage switch { >= 90 => 'A', >= 80 => 'B', >= 70 => 'C', >= 60 => 'D', _ => 'F' };
}
