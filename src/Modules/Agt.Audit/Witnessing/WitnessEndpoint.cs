using Agt.Audit.Notes;

namespace Agt.Audit.Witnessing;

/// <summary>A witness that a log asks to cosign its checkpoints.</summary>
/// <param name="Key">Its public key, of type <see cref="VerifierKey.CosignatureType"/>.</param>
/// <param name="Address">The submission prefix; <c>add-checkpoint</c> goes behind it.</param>
public sealed record WitnessEndpoint(VerifierKey Key, Uri Address);
