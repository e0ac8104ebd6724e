using Agt.Audit.Receipts;

namespace Agt.Compliance.Attestation;

/// <summary>What came of a probe, as it was recorded. Immutable.</summary>
/// <param name="Name">The probe.</param>
/// <param name="Passed">Whether it was withstood.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Receipt">The proof of the record that says so.</param>
public sealed record ProbeOutcome(string Name, bool Passed, string Detail, Receipt Receipt);
