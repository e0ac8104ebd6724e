namespace Agt.Policy.Folders;

/// <summary>The policy of one folder: a document, or why there is none that can be used.</summary>
/// <param name="Folder">The folder, relative to the root with <c>/</c>; empty for the root.</param>
/// <param name="Name">The file, likewise.</param>
/// <param name="Document">The document; null where it is refused.</param>
/// <param name="Diagnostics">What was found in it.</param>
internal sealed record FolderFile(string Folder, string Name, PolicyDocument? Document, IReadOnlyList<PolicyDiagnostic> Diagnostics)
{
    internal string Problem => Diagnostics.FirstOrDefault(finding => finding.Severity == DiagnosticSeverity.Error)?.ToString() ?? $"{Name} cannot be read.";
}
