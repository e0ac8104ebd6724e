namespace Agt.Policy;

/// <summary>Holds the policy set in force and replaces it as a whole.</summary>
/// <remarks>Thread-safe. A session that began before a replacement keeps the set it began with, unless it asked for live policy.</remarks>
public sealed class PolicyEngine : IPolicySource
{
    private readonly PolicyOptions _options;
    private readonly Lock _gate = new();
    private CompiledPolicySet _current;

    /// <summary>Loads and compiles the policies of a host.</summary>
    /// <param name="options">Where they are.</param>
    /// <exception cref="PolicyLoadException">No policy is given, one cannot be read, or one is refused.</exception>
    public PolicyEngine(PolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _current = Load(generation: 1);
    }

    /// <summary>The set in force.</summary>
    public CompiledPolicySet Current => Volatile.Read(ref _current);

    IPolicySnapshot IPolicySource.Current => Current;

    /// <summary>Loads everything again and puts it in force as a whole; on an error the set in force stays (POL-310, POL-311).</summary>
    /// <returns>The set that is now in force.</returns>
    /// <exception cref="PolicyLoadException">Something was refused; nothing has changed.</exception>
    public CompiledPolicySet Reload()
    {
        lock (_gate)
        {
            CompiledPolicySet loaded = Load(_current.Generation + 1);
            Volatile.Write(ref _current, loaded);
            return loaded;
        }
    }

    private CompiledPolicySet Load(long generation)
    {
        var documents = new List<PolicyDocument>();
        var findings = new List<PolicyDiagnostic>();
        foreach (string path in _options.Paths)
        {
            Add(PolicyLoader.Load(path, _options.Loading));
        }

        for (int i = 0; i < _options.Texts.Count; i++)
        {
            Add(PolicyLoader.LoadText(_options.Texts[i], _options.Texts.Count == 1 ? "policy text" : $"policy text {i + 1}", _options.Loading));
        }

        if (documents.Count == 0 && findings.TrueForAll(finding => finding.Severity != DiagnosticSeverity.Error))
        {
            findings.Add(Refuse("AGTP007", "(none)", "No policy is given.", "Call AddPolicy with a file or directory, or AddPolicyText."));
        }

        foreach (IGrouping<string, PolicyDocument> repeated in documents.GroupBy(document => document.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            findings.Add(Refuse("AGTP027", repeated.Last().Source, "The name of this policy is also that of another one.", "Give each policy a name of its own."));
        }

        return findings.Exists(finding => finding.Severity == DiagnosticSeverity.Error)
            ? throw new PolicyLoadException(findings)
            : PolicySet.Compile(documents, new PolicyCompileOptions { Generation = generation, MaxScannedCharacters = _options.MaxScannedCharacters, Profile = _options.Loading.Profile, Strategy = _options.Strategy });

        void Add(PolicyLoadResult result)
        {
            documents.AddRange(result.Documents);
            findings.AddRange(result.Diagnostics);
        }
    }

    private static PolicyDiagnostic Refuse(string code, string source, string message, string fix) =>
        new(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix);
}
