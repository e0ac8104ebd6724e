namespace Agt.Policy;

/// <summary>One finding in a policy file.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">A stable code, <c>AGTP</c> and three digits.</param>
/// <param name="Source">The file.</param>
/// <param name="Position">Where in it.</param>
/// <param name="JsonPointer">Where in the document, as a JSON pointer (RFC 6901).</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Fix">What to do.</param>
public sealed record PolicyDiagnostic(
    DiagnosticSeverity Severity, string Code, string Source, SourcePosition Position, string JsonPointer, string Message, string Fix)
{
    /// <summary><c>file(line,column): error AGTP000: what is wrong. What to do.</c></summary>
    public override string ToString() =>
        $"{Source}({Position}): {(Severity == DiagnosticSeverity.Error ? "error" : "warning")} {Code}: {Message} {Fix}";
}
