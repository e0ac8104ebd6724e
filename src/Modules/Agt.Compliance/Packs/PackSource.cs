namespace Agt.Compliance.Packs;

/// <summary>A file that a pack was made of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">The SHA-256 of its bytes, 64 lower-case hexadecimal digits.</param>
public sealed record PackSource(string Name, string Sha256);
