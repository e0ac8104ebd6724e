namespace Agt.Policy.Acs;

/// <summary>What loading a manifest gave.</summary>
/// <param name="Manifest">The manifest, or null where it was refused.</param>
/// <param name="Diagnostics">All findings.</param>
/// <param name="Reason">The reserved reason of the refusal: <see cref="AcsReasons.ManifestInvalid"/> or <see cref="AcsReasons.ResourceLimitExceeded"/>; null where it was not refused.</param>
public sealed record AcsLoadResult(AcsManifest? Manifest, IReadOnlyList<PolicyDiagnostic> Diagnostics, string? Reason)
{
    /// <summary>The manifest, if it was not refused.</summary>
    /// <exception cref="PolicyLoadException">It was refused.</exception>
    public AcsManifest GetManifest() => Manifest ?? throw new PolicyLoadException(Diagnostics);
}
