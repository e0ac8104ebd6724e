namespace Agt.Policy;

/// <summary>A policy was refused. Nothing of it is in force.</summary>
public sealed class PolicyLoadException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="diagnostics">The findings; at least one error.</param>
    public PolicyLoadException(IReadOnlyList<PolicyDiagnostic> diagnostics)
        : base(Describe(diagnostics)) => Diagnostics = diagnostics;

    /// <summary>All findings.</summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    private static string Describe(IReadOnlyList<PolicyDiagnostic> diagnostics)
    {
        ArgumentNullException.ThrowIfNull(diagnostics);
        const int Shown = 20;
        IEnumerable<PolicyDiagnostic> errors = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error);
        int more = errors.Count() - Shown;
        return "The policy was refused." + Environment.NewLine + string.Join(Environment.NewLine, errors.Take(Shown)) +
            (more > 0 ? Environment.NewLine + $"and {more} more" : string.Empty);
    }
}
