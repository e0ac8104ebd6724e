namespace Agt.Audit.Notes;

/// <summary>A signature of a note that was checked and is good.</summary>
/// <param name="Key">Whose it is.</param>
/// <param name="Time">When a witness gave it; null for a signature without a time.</param>
public sealed record VerifiedSignature(VerifierKey Key, DateTimeOffset? Time);
