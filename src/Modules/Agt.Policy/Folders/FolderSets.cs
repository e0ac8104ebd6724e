using System.Collections.Frozen;

namespace Agt.Policy.Folders;

/// <summary>Puts the policies of a host and those of a tree into one set.</summary>
internal static class FolderSets
{
    /// <summary>Makes the set.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="host">The policies of the host; none is fine.</param>
    /// <param name="compiling">How it is compiled.</param>
    /// <param name="options">What the host wants of it.</param>
    /// <param name="facts">What is asked about the file system.</param>
    /// <param name="found">What there is to say about the tree.</param>
    internal static CompiledPolicySet Compile(
        FolderTree tree, IReadOnlyList<PolicyDocument> host, PolicyCompileOptions compiling, PolicyOptions options, IFileFacts facts, List<PolicyDiagnostic> found)
    {
        var attributes = host.SelectMany(document => document.SessionAttributes).DistinctBy(attribute => attribute.Name).ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);
        tree = tree.With([.. tree.Files.Select(file => WithoutConflict(file, attributes, found))]);
        found.AddRange(tree.Diagnostics);
        found.AddRange(FolderPolicies.Findings(tree, compiling.Profile));
        PolicyDocument[] documents = [.. tree.Files.Select(file => file.Document?.InChain(file.Name, file.Document.Rules)).OfType<PolicyDocument>()];
        CompiledPolicySet flat = PolicySet.Compile(Flat(tree, host, compiling.Profile), compiling);
        return flat.With(
            new FolderPolicies(tree, flat, host, options, facts),
            [.. host.Concat(documents).Select(PolicySet.SummaryOf)],
            PolicySet.DigestOf([.. host.Select(document => (document.Name, document.Digest)), .. tree.Files.Select(file => (file.Name, file.Digest))]),
            host.Concat(documents).Select(document => document.Limits).OfType<SessionLimits>().Aggregate((SessionLimits?)null, (known, next) => next.TightenedBy(known)),
            attributes.ToFrozenDictionary(StringComparer.Ordinal),
            PolicySet.FlowOf(host.Concat(documents)));
    }

    /// <summary>What holds where no path is given: the policies of the host, or, if it has none, that of the root.</summary>
    private static IReadOnlyList<PolicyDocument> Flat(FolderTree tree, IReadOnlyList<PolicyDocument> host, PolicyProfile profile) =>
        host.Count == 0 && profile == PolicyProfile.Strict && tree.Of(string.Empty) is { Document: { PathScope: null } } root ? ChainMerger.Merge([root], profile, null) : host;

    /// <summary>A file that declares an attribute of sessions otherwise than one before it is refused.</summary>
    private static FolderFile WithoutConflict(FolderFile file, Dictionary<string, SessionAttributeDefinition> attributes, List<PolicyDiagnostic> found)
    {
        if (file.Document is not { } document)
        {
            return file;
        }

        if (document.SessionAttributes.FirstOrDefault(own => attributes.TryGetValue(own.Name, out SessionAttributeDefinition? known) && !known.Equals(own)) is { } conflict)
        {
            var finding = new PolicyDiagnostic(
                DiagnosticSeverity.Error, "AGTP055", document.Source, default, "/session_attributes", $"session.{conflict.Name} is declared in another way in another policy.", "Declare it alike in all policies, or give one of them another name.");
            found.Add(finding);
            return new FolderFile(file.Folder, file.Name, [finding]);
        }

        foreach (SessionAttributeDefinition own in document.SessionAttributes)
        {
            attributes[own.Name] = own;
        }

        return file;
    }
}
