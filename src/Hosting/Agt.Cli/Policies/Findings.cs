using Agt.Policy;

namespace Agt.Cli;

/// <summary>Findings as people and compilers' readers know them: <c>file:line:column: error AGTP022: what. fix</c>.</summary>
internal static class Findings
{
    internal static void WriteText(CliHost host, IEnumerable<PolicyDiagnostic> findings)
    {
        foreach (PolicyDiagnostic finding in findings)
        {
            host.Errors.WriteLine(Line(finding));
        }
    }

    internal static string Line(PolicyDiagnostic finding)
    {
        string place = finding.Position.Line > 0 ? $":{finding.Position.Line}:{finding.Position.Column}" : string.Empty;
        return CliHost.Clean($"{finding.Source}{place}: {Severity(finding)} {finding.Code}: {finding.Message} {finding.Fix}");
    }

    internal static string Severity(PolicyDiagnostic finding) => finding.Severity == DiagnosticSeverity.Error ? "error" : "warning";
}
