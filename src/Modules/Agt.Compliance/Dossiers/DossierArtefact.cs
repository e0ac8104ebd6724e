namespace Agt.Compliance.Dossiers;

/// <summary>Something a dossier was made from. Immutable.</summary>
/// <param name="Kind"><c>policy</c>, <c>log</c>, <c>report</c>, <c>slo</c> or <c>provider</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">The SHA-256 of its bytes, 64 hexadecimal digits; for a log, the root of its tree.</param>
/// <param name="Records">How many records it has: rules, entries, claims; 1 for a text.</param>
public sealed record DossierArtefact(string Kind, string Name, string Sha256, long Records);
