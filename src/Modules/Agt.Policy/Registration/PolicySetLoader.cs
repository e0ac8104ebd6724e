using Agt.Policy.Folders;

namespace Agt.Policy;

/// <summary>Reads the policies of a host and compiles them.</summary>
/// <param name="options">Where they are.</param>
/// <param name="facts">What decisions ask the file system.</param>
/// <param name="rules">How the system names files; null for this one.</param>
internal sealed class PolicySetLoader(PolicyOptions options, IFileFacts facts, PathRules? rules = null)
{
    /// <summary>Reads all files and texts.</summary>
    /// <param name="changes">What the host has changed since: documents by name, or null for one that it removed.</param>
    /// <exception cref="PolicyLoadException">Something was refused.</exception>
    internal LoadedPolicies Load(IReadOnlyDictionary<string, PolicyDocument?> changes)
    {
        var documents = new List<PolicyDocument>();
        var findings = new List<PolicyDiagnostic>();
        foreach (string path in options.Paths)
        {
            Add(PolicyLoader.Load(path, options.Loading));
        }

        for (int i = 0; i < options.Texts.Count; i++)
        {
            Add(PolicyLoader.LoadText(options.Texts[i], options.Texts.Count == 1 ? "policy text" : $"policy text {i + 1}", options.Loading));
        }

        foreach (IGrouping<string, PolicyDocument> repeated in documents.GroupBy(document => document.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            findings.Add(Refuse("AGTP027", repeated.Last().Source, "The name of this policy is also that of another one.", "Give each policy a name of its own."));
        }

        FolderTree? tree = options.RootDirectory is { } root ? new FolderTreeReader(root, rules ?? PathRules.OfSystem, options.Loading, options.MaxFolders).Read(findings) : null;
        ThrowIfRefused(findings);
        var catalog = new PolicyCatalog(documents);
        foreach ((string name, PolicyDocument? document) in changes)
        {
            _ = document is null ? catalog.Remove(name) : catalog.AddOrReplace(document);
        }

        return new LoadedPolicies(catalog.Documents, tree, findings);

        void Add(PolicyLoadResult result)
        {
            documents.AddRange(result.Documents);
            findings.AddRange(result.Diagnostics);
        }
    }

    /// <summary>Compiles what was read.</summary>
    /// <exception cref="PolicyLoadException">There is no policy, or two contradict each other.</exception>
    internal CompiledPolicySet Compile(LoadedPolicies loaded, long generation, out IReadOnlyList<PolicyDiagnostic> findings)
    {
        var found = new List<PolicyDiagnostic>(loaded.Diagnostics);
        findings = found;
        if (loaded.Documents.Count == 0 && loaded.Tree is null or { Files.Count: 0 })
        {
            found.Add(loaded.Tree is null
                ? Refuse("AGTP007", "(none)", "No policy is given.", "Call AddPolicy with a file or directory, or AddPolicyText.")
                : Refuse("AGTP007", options.RootDirectory!, $"No policy is given, and no folder has a {FolderTreeReader.FileName}.", $"Put {FolderTreeReader.FileName} into the root directory."));
        }

        foreach (IGrouping<string, (PolicyDocument Document, SessionAttributeDefinition Attribute)> declared in loaded.Documents
            .SelectMany(document => document.SessionAttributes.Select(attribute => (document, attribute))).GroupBy(pair => pair.attribute.Name, StringComparer.Ordinal)
            .Where(group => group.Any(pair => !pair.attribute.Equals(group.First().attribute))))
        {
            found.Add(Refuse("AGTP055", declared.Last().Document.Source, $"session.{declared.Key} is declared in another way in {declared.First().Document.Source}.", "Declare it alike in all policies, or give one of them another name."));
        }

        ThrowIfRefused(found);
        var compiling = new PolicyCompileOptions { Generation = generation, MaxScannedCharacters = options.MaxScannedCharacters, Profile = options.Loading.Profile, Strategy = options.Strategy };
        return loaded.Tree is null
            ? PolicySet.Compile(loaded.Documents, compiling)
            : FolderSets.Compile(loaded.Tree, loaded.Documents, compiling, options, facts, found);
    }

    private static void ThrowIfRefused(List<PolicyDiagnostic> findings)
    {
        if (findings.Exists(finding => finding.Severity == DiagnosticSeverity.Error))
        {
            throw new PolicyLoadException(findings);
        }
    }

    private static PolicyDiagnostic Refuse(string code, string source, string message, string fix) =>
        new(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix);
}
