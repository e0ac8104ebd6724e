namespace Agt.Policy.BreakGlass;

/// <summary>One person's signature of a grant.</summary>
/// <param name="Person">Who, as the options name them.</param>
/// <param name="Value">ECDSA with P-256 and SHA-256 over <see cref="BreakGlassGrant.ToBeSigned"/>, 64 bytes (IEEE P1363; ES256 of RFC 7518).</param>
public sealed record BreakGlassSignature(string Person, ReadOnlyMemory<byte> Value);
