using Agt.Policy;
using Agt.Policy.Acs;
using Agt.Policy.Analysis;
using Agt.Policy.Documents;

namespace Agt.Cli;

/// <summary>Policies of the command line, loaded together as a host would.</summary>
internal sealed class LoadedPolicies
{
    private readonly Dictionary<(string Policy, string Rule), PolicyRule> _rules = [];
    private readonly PolicyProfile _profile;

    private LoadedPolicies(IReadOnlyList<PolicyDocument> documents, IReadOnlyList<PolicyDiagnostic> diagnostics, PolicyProfile profile, int manifests = 0)
    {
        Manifests = manifests;
        _profile = profile;
        Documents = documents;
        Diagnostics = diagnostics;
        foreach (PolicyDocument document in documents)
        {
            foreach (PolicyRule rule in document.Rules)
            {
                _rules.TryAdd((document.Name, rule.Name), rule);
            }
        }
    }

    internal IReadOnlyList<PolicyDocument> Documents { get; }

    internal IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>How many manifests of the Agent Control Specification were sound.</summary>
    internal int Manifests { get; }

    internal bool HasErrors => Diagnostics.Any(finding => finding.Severity == DiagnosticSeverity.Error);

    /// <summary>Whether a file could not even be read as a document.</summary>
    internal bool IsUnreadable => Diagnostics.Any(finding => finding.Severity == DiagnosticSeverity.Error && IsReading(finding.Code));

    internal static LoadedPolicies Load(CliHost host, IEnumerable<string> paths)
    {
        var documents = new List<PolicyDocument>();
        var findings = new List<PolicyDiagnostic>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            PolicyLoadResult result = PolicyLoader.Load(path, host.Loading);
            findings.AddRange(result.Diagnostics);
            foreach (PolicyDocument document in result.Documents)
            {
                if (names.TryAdd(document.Name, document.Source))
                {
                    documents.Add(document);
                }
                else
                {
                    findings.Add(new PolicyDiagnostic(
                        DiagnosticSeverity.Error, "AGTP027", document.Source, new SourcePosition(1, 1), "/name",
                        $"The name of this policy is also that of {names[document.Name]}.", "Give each policy a name of its own."));
                }
            }
        }

        return new LoadedPolicies(documents, findings, host.Loading.Profile);
    }

    /// <summary>Policies, and manifests of the Agent Control Specification beside them.</summary>
    internal static async Task<LoadedPolicies> LoadAnyAsync(CliHost host, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        LoadedPolicies loaded = Load(host, paths);
        var findings = new List<PolicyDiagnostic>();
        int manifests = 0;
        foreach (PolicyDiagnostic finding in loaded.Diagnostics)
        {
            if (finding is not { Code: "AGTP021", JsonPointer: "/agent_control_specification_version" })
            {
                findings.Add(finding);
                continue;
            }

            AcsLoadResult manifest = await AcsManifestLoader.LoadAsync(finding.Source, cancellationToken: cancellationToken).ConfigureAwait(false);
            findings.AddRange(manifest.Diagnostics);
            manifests += manifest.Manifest is null ? 0 : 1;
        }

        return new LoadedPolicies(loaded.Documents, findings, host.Loading.Profile, manifests);
    }

    /// <summary>Loads what a command needs to go on; a policy with an error ends it.</summary>
    internal static LoadedPolicies Require(CliHost host, IEnumerable<string> paths)
    {
        LoadedPolicies loaded = Load(host, paths);
        Findings.WriteText(host, loaded.Diagnostics.Where(finding => finding.Severity == DiagnosticSeverity.Error));
        return loaded.HasErrors ? throw new CliException("No policy is in force: mend the errors above.") : loaded;
    }

    /// <summary>These policies with what the analysis finds in them; as they are if one has an error, since half a set tells nothing.</summary>
    internal LoadedPolicies Analyzed() => HasErrors || Documents.Count == 0 ? this : new LoadedPolicies(Documents, [.. Diagnostics, .. PolicyAnalyzer.Analyze(Documents)], _profile, Manifests);

    internal CompiledPolicySet Compile()
    {
        try
        {
            return PolicySet.Compile(Documents, new PolicyCompileOptions { Profile = _profile });
        }
        catch (ArgumentException exception)
        {
            throw new CliException("The policies cannot stand together: " + exception.Message);
        }
    }

    internal PolicyRule? RuleOf(string? policy, string? rule) =>
        policy is not null && rule is not null && _rules.TryGetValue((policy, rule), out PolicyRule? found) ? found : null;

    private static bool IsReading(string code) => string.CompareOrdinal(code, "AGTP020") < 0;
}
