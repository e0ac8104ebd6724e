using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>What the log says about one control. Immutable.</summary>
/// <param name="Control">The control.</param>
/// <param name="Status">What came of it.</param>
/// <param name="Checks">Its checks, in order.</param>
/// <param name="Violations">How many violations were recorded in the period.</param>
/// <param name="OpenViolations">How many of those are not remediated.</param>
public sealed record ControlResult(ComplianceControl Control, ControlStatus Status, IReadOnlyList<CheckResult> Checks, long Violations, long OpenViolations);
