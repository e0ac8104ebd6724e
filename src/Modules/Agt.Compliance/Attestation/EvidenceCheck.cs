namespace Agt.Compliance.Attestation;

/// <summary>What a look at the evidence directory found. It shows what is there, not that it works: no control passes by it.</summary>
/// <param name="Name"><c>policy_files</c>, <c>default_deny</c>, <c>tools</c>, <c>audit_sink</c>, <c>identity</c> or <c>packages</c>.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Detail">What is so, or what is wrong.</param>
public sealed record EvidenceCheck(string Name, bool Passed, string Detail);
