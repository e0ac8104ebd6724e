namespace Agt.Compliance.Attestation;

/// <summary>What came of a probe.</summary>
/// <param name="Passed">Whether it was withstood.</param>
/// <param name="Detail">What happened, in a sentence; at most 1,024 characters are recorded.</param>
public readonly record struct ProbeResult(bool Passed, string Detail);
