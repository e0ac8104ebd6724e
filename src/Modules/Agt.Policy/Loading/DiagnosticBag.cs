namespace Agt.Policy.Loading;

/// <summary>Gathers the findings of one file, up to a bound.</summary>
internal sealed class DiagnosticBag(string source)
{
    private const int Most = 1_000;
    private readonly List<PolicyDiagnostic> _found = [];

    internal string Source => source;

    internal IReadOnlyList<PolicyDiagnostic> Found => _found;

    internal bool HasErrors { get; private set; }

    internal void Error(string code, SourcePosition position, string pointer, string message, string fix) =>
        Add(new PolicyDiagnostic(DiagnosticSeverity.Error, code, source, position, pointer, message, fix));

    internal void Warn(string code, SourcePosition position, string pointer, string message, string fix) =>
        Add(new PolicyDiagnostic(DiagnosticSeverity.Warning, code, source, position, pointer, message, fix));

    private void Add(PolicyDiagnostic diagnostic)
    {
        HasErrors |= diagnostic.Severity == DiagnosticSeverity.Error;
        if (_found.Count < Most)
        {
            _found.Add(diagnostic);
        }
    }
}
