namespace Agt.Compliance.Attestation;

/// <summary>Whether a control passed by live probes. Immutable.</summary>
/// <param name="ControlId">The control.</param>
/// <param name="Name">Its title.</param>
/// <param name="Passed">Whether at least one of its probes was run, and every one that was run was withstood.</param>
/// <param name="Probes">The probes that were run for it.</param>
public sealed record AttestedControl(string ControlId, string Name, bool Passed, IReadOnlyList<string> Probes);
