namespace Agt.Policy.Acs;

/// <summary>Gathers what is wrong with a manifest, up to a bound.</summary>
internal sealed class AcsFindings
{
    private const int Most = 1_000;
    private readonly List<PolicyDiagnostic> _found = [];

    internal IReadOnlyList<PolicyDiagnostic> Found => _found;

    internal bool HasErrors { get; private set; }

    /// <summary>Whether a bound was passed, so that the reserved reason is another.</summary>
    internal bool IsTooLarge { get; private set; }

    internal void Error(string code, string source, SourcePosition position, string pointer, string message, string fix) =>
        Add(new PolicyDiagnostic(DiagnosticSeverity.Error, code, source, position, pointer, message, fix));

    internal void Warn(string code, string source, SourcePosition position, string pointer, string message, string fix) =>
        Add(new PolicyDiagnostic(DiagnosticSeverity.Warning, code, source, position, pointer, message, fix));

    internal void TooLarge(string source, string message, string fix)
    {
        IsTooLarge = true;
        Error("AGTP350", source, default, string.Empty, message, fix);
    }

    internal static string PointerTo(string pointer, string name) =>
        pointer + "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Add(PolicyDiagnostic diagnostic)
    {
        HasErrors |= diagnostic.Severity == DiagnosticSeverity.Error;
        if (_found.Count < Most)
        {
            _found.Add(diagnostic);
        }
    }
}
