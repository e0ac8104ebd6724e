using Agt.Audit.Notes;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Dossiers;

/// <summary>What a dossier is made from. All of it may be missing: what is missing becomes a gap.</summary>
public sealed record DossierInputs
{
    /// <summary>What the provider says: a file of the form <c>agt-dossier/v1</c>, as name and bytes.</summary>
    public (string Name, ReadOnlyMemory<byte> Bytes)? Provider { get; init; }

    /// <summary>Policy files.</summary>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)> Policies { get; init; } = [];

    /// <summary>What a verified log says about the EU AI Act; null without a log.</summary>
    public ComplianceReport? Log { get; init; }

    /// <summary>Reports that were made before.</summary>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)> Reports { get; init; } = [];

    /// <summary>Whose reports are believed; null for nobody's.</summary>
    public TrustPolicy? Trust { get; init; }

    /// <summary>Service level objectives: a list of <c>name</c>, <c>target</c> and <c>actual</c>, in YAML or JSON.</summary>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)> Slo { get; init; } = [];
}
