using Agt.Policy.Folders;

namespace Agt.Policy;

/// <summary>The policies of a host as they were read.</summary>
/// <param name="Documents">Those that it was given.</param>
/// <param name="Tree">Those of the folder tree; null for no tree.</param>
/// <param name="Diagnostics">Warnings.</param>
internal sealed record LoadedPolicies(IReadOnlyList<PolicyDocument> Documents, FolderTree? Tree, IReadOnlyList<PolicyDiagnostic> Diagnostics);
