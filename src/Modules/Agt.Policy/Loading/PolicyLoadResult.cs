namespace Agt.Policy;

/// <summary>What loading gave.</summary>
/// <param name="Documents">The documents that are sound, in order.</param>
/// <param name="Diagnostics">All findings.</param>
public sealed record PolicyLoadResult(IReadOnlyList<PolicyDocument> Documents, IReadOnlyList<PolicyDiagnostic> Diagnostics)
{
    /// <summary>Whether nothing was refused.</summary>
    public bool IsSuccess => Diagnostics.All(d => d.Severity != DiagnosticSeverity.Error);

    /// <summary>The documents, if nothing was refused.</summary>
    /// <exception cref="PolicyLoadException">Something was refused.</exception>
    public IReadOnlyList<PolicyDocument> GetDocuments() => IsSuccess ? Documents : throw new PolicyLoadException(Diagnostics);
}
