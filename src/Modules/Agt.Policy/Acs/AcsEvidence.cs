namespace Agt.Policy.Acs;

/// <summary>What a policy engine offers as proof of its verdict. Passed on as it is, at most 4,096 bytes of canonical text. Immutable.</summary>
/// <param name="Artefact">The content address or URI of a proof that can be checked offline; or null.</param>
/// <param name="VerificationPointers">Short names to addresses that an auditor may ask.</param>
public sealed record AcsEvidence(string? Artefact, IReadOnlyDictionary<string, string> VerificationPointers);
