namespace Agt.Policy.Loading;

/// <summary>Gathers the findings of one file, up to a bound.</summary>
internal sealed class DiagnosticBag(string source, Func<string>? text = null)
{
    private const int Most = 1_000;
    private readonly List<PolicyDiagnostic> _found = [];
    private string? _text;

    internal string Source => source;

    internal IReadOnlyList<PolicyDiagnostic> Found => _found;

    internal bool HasErrors { get; private set; }

    /// <summary>Where a character of a scalar's value stands in the file; where the scalar does for an offset below 0.</summary>
    internal SourcePosition Place(DocumentNode scalar, int offset) => offset < 0 || scalar.Text is null
        ? scalar.Position
        : ScalarPlace.Find(_text ??= text?.Invoke() ?? string.Empty, scalar.Start, scalar.Position, offset);

    /// <summary>Whether unknown fields are passed over.</summary>
    internal bool IsLenient { get; init; }

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
