namespace Agt.Compliance.Attestation;

/// <summary>Whether a control passed by live probes. Immutable.</summary>
/// <param name="ControlId">The control.</param>
/// <param name="Name">Its title.</param>
/// <param name="Passed">Whether every probe that it asks for was run and withstood; false where it asks for none.</param>
/// <param name="Probes">The probes that it asks for.</param>
public sealed record AttestedControl(string ControlId, string Name, bool Passed, IReadOnlyList<string> Probes);
