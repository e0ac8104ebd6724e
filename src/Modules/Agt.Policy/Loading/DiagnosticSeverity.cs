namespace Agt.Policy;

/// <summary>How bad a finding is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The document loads; look at it all the same.</summary>
    Warning,

    /// <summary>The document is refused.</summary>
    Error,
}
