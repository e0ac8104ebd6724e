using System.Collections.Concurrent;
using Agt.Policy.Compilation;
using Agt.Values;

namespace Agt.Policy.Folders;

/// <summary>
/// The policies of a tree of folders as they were when it was looked through. Immutable but for what it remembers; thread-safe. A path that was asked for before is answered without a look at the disk when the tree is
/// watched; without a watch its links are followed anew each time, so that a link made meanwhile leads nowhere else.
/// </summary>
internal sealed class FolderPolicies
{
    internal static readonly ReasonCode Outside = new("policy:path_outside_root", DenialCategory.RuleDenied, "Denied by governance policy.");
    private static readonly ReasonCode Broken = new("policy:folder_policy_invalid", DenialCategory.PolicyError, "Policy evaluation error.");
    private static readonly ReasonCode PolicyFile = new("policy:policy_file", DenialCategory.RuleDenied, "Denied by governance policy.");
    private const int MostRemembered = 4_096;
    private const int MostPaths = 64;

    private readonly Dictionary<string, FolderFile> _files;
    private readonly PolicyFolderOptions _options;
    private readonly PolicyProfile _profile;
    private readonly Glob _tools;
    private readonly string _root;
    private readonly FolderEpoch? _epoch;
    private readonly ConcurrentDictionary<string, CompiledPolicySet> _sets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (long Epoch, Answer Answer)> _answers = new(StringComparer.Ordinal);
    private int _answered;
    private int _looks;

    internal FolderPolicies(string root, IReadOnlyList<FolderFile> files, PolicyFolderOptions options, PolicyProfile profile, FolderEpoch? epoch)
    {
        _root = root;
        _options = options;
        _profile = profile;
        _epoch = epoch;
        _tools = new Glob(options.Tools);
        Files = files;
        _files = files.ToDictionary(file => file.Folder, OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
    }

    internal IReadOnlyList<FolderFile> Files { get; }

    /// <summary>How often the disk was looked at.</summary>
    internal int Looks => Volatile.Read(ref _looks);

    /// <summary>The set that holds for a call: that of its folders beside the flat one, or the flat one where it names no path.</summary>
    /// <param name="flat">The set without folders.</param>
    /// <param name="template">The kind of action.</param>
    /// <param name="payload">Its arguments.</param>
    /// <param name="refusal">Why it is denied; then the set is null.</param>
    internal CompiledPolicySet? SetFor(CompiledPolicySet flat, ActionTemplate template, GovernedValue payload, out Verdict refusal)
    {
        refusal = default;
        if (template.Point != InterventionPoint.PreToolCall || payload.Kind != ValueKind.Map || !_tools.IsMatch(template.Tool!.Name))
        {
            return flat;
        }

        Answer? answer = null;
        foreach (string argument in _options.PathArguments)
        {
            if (!payload.TryGetMember(argument, out GovernedValue value) || value.Kind == ValueKind.Null)
            {
                continue;
            }

            if (!Add(value, ref answer))
            {
                refusal = Verdict.Deny(Outside, $"The argument {argument} names no path: it is a text, or a list of at most {MostPaths} texts.");
                return null;
            }
        }

        if (answer is null)
        {
            return flat;
        }

        refusal = answer.Refusal;
        return refusal.Outcome == VerdictOutcome.Deny ? null : answer.Key is null ? flat : Compiled(flat, answer);
    }

    private bool Add(GovernedValue value, ref Answer? answer)
    {
        if (value.AsString() is { } one)
        {
            answer = Together(answer, AnswerFor(one));
            return true;
        }

        if (value.Kind is not ValueKind.List || value.Count > MostPaths)
        {
            return false;
        }

        for (int i = 0; i < value.Count; i++)
        {
            if (value[i].AsString() is not { } path)
            {
                return false;
            }

            answer = Together(answer, AnswerFor(path));
        }

        return true;
    }

    private static Answer Together(Answer? known, Answer next)
    {
        if (known is null || next.Refusal.Outcome == VerdictOutcome.Deny)
        {
            return next;
        }

        if (known.Refusal.Outcome == VerdictOutcome.Deny || next.Key is null || known.Key == next.Key)
        {
            return known;
        }

        return known.Key is null ? next : new Answer($"{known.Key}\n\n{next.Key}", [.. known.Chains, .. next.Chains], default);
    }

    private Answer AnswerFor(string path)
    {
        if (_epoch is null)
        {
            return Look(path);
        }

        // What was found counts as long as nothing has changed since before it was looked for.
        long epoch = _epoch.Value;
        if (_answers.TryGetValue(path, out (long Epoch, Answer Answer) known) && known.Epoch == epoch)
        {
            return known.Answer;
        }

        Answer answer = Look(path);
        if (Interlocked.Increment(ref _answered) > MostRemembered)
        {
            _answers.Clear();
            Interlocked.Exchange(ref _answered, 0);
        }

        _answers[path] = (epoch, answer);
        return answer;
    }

    private Answer Look(string path)
    {
        Interlocked.Increment(ref _looks);
        if (FolderPath.Resolve(_root, path, out string relative, out bool isFolder) is { } problem)
        {
            return _profile == PolicyProfile.AgentOs10 ? Answer.Flat : new Answer(null, [], Verdict.Deny(Outside, problem));
        }

        if (!_options.AllowPolicyFiles && FolderScan.IsPolicyFile(relative))
        {
            return new Answer(null, [], Verdict.Deny(PolicyFile, "Tools do not touch the policies of folders."));
        }

        List<FolderFile> chain = Chain(isFolder ? relative : Parent(relative));
        if (chain.Find(file => file.Document is null) is { } broken)
        {
            return new Answer(null, [], Verdict.Deny(Broken, broken.Problem));
        }

        chain = FolderChain.For(chain, relative, _profile);
        return chain.Count == 0 ? Answer.Flat : new Answer(string.Join('\n', chain.Select(file => file.Document!.RuleCount + " " + file.Name)), [chain], default);
    }

    /// <summary>The policies of a folder and those above it, the root's first.</summary>
    private List<FolderFile> Chain(string folder)
    {
        var chain = new List<FolderFile>();
        while (true)
        {
            if (_files.TryGetValue(folder, out FolderFile? file))
            {
                chain.Insert(0, file);
            }

            if (folder.Length == 0)
            {
                return chain;
            }

            folder = Parent(folder);
        }
    }

    private CompiledPolicySet Compiled(CompiledPolicySet flat, Answer answer)
    {
        if (_sets.TryGetValue(answer.Key!, out CompiledPolicySet? known))
        {
            return known;
        }

        // Documents of several paths that are the same are one; where they differ, both hold under names of their own.
        List<PolicyDocument> documents = [.. flat.Documents.Where(document => document.Name != flat.RootDocument)];
        var names = documents.Select(document => document.Name).ToHashSet(StringComparer.Ordinal);
        foreach (PolicyDocument document in answer.Chains.SelectMany(chain => FolderChain.Merge(chain, _profile)))
        {
            documents.Add(names.Add(document.Name) ? document : document.In(Free(names, document.Name), document.Rules, document.DefaultAllows));
        }

        CompiledPolicySet set = flat.With(documents);
        if (_sets.Count >= MostRemembered)
        {
            _sets.Clear();
        }

        return _sets.GetOrAdd(answer.Key!, set);
    }

    private static string Free(HashSet<string> names, string name)
    {
        int number = 2;
        while (!names.Add($"{name} ({number})"))
        {
            number++;
        }

        return $"{name} ({number})";
    }

    private static string Parent(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? string.Empty : path[..slash];
    }

    /// <summary>Which chains hold, or why none does.</summary>
    /// <param name="Key">Names the set of them; null where the flat policies alone hold.</param>
    /// <param name="Chains">The chains.</param>
    /// <param name="Refusal">A denial, or an allow.</param>
    private sealed record Answer(string? Key, IReadOnlyList<IReadOnlyList<FolderFile>> Chains, Verdict Refusal)
    {
        internal static readonly Answer Flat = new(null, [], default);
    }
}
