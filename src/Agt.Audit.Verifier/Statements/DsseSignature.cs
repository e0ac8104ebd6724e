namespace Agt.Audit.Statements;

/// <summary>A signature in an envelope. Immutable and thread-safe.</summary>
/// <param name="KeyId">A hint at the key, <c>name+id</c> as in a verifier key; not covered by the signature, and never a reason to believe it.</param>
/// <param name="Value">The signature.</param>
public sealed record DsseSignature(string KeyId, ReadOnlyMemory<byte> Value);
