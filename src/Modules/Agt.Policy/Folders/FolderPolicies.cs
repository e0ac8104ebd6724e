using System.Collections.Concurrent;
using Agt.Policy.Compilation;
using Agt.Values;

namespace Agt.Policy.Folders;

/// <summary>
/// Finds for each action the policies of the folder that it is about (spec 01, POL-097, POL-110 to POL-117, POL-120, POL-121). All files were read when the set was loaded; a chain is compiled when
/// it is first needed and shared from then on. A path that is known costs neither a file access nor memory.
/// </summary>
/// <remarks>Thread-safe. At most 512 compiled chains and 8,192 paths are remembered; when there are more, all are forgotten and made again as they are needed.</remarks>
internal sealed class FolderPolicies
{
    internal const int MostChains = 512;

    private static readonly Func<FolderPolicies, ActionTemplate, object> MakePlans = static (_, template) => new FolderPlans(template);

    private readonly PolicyDocument[] _host;
    private readonly PolicyCompileOptions _options;
    private readonly IFileFacts _facts;
    private readonly PathResolver _resolver;
    private readonly string[] _arguments;
    private readonly FolderChain _refused = new(FolderReasons.Refused);
    private readonly FolderChain _outside = new(FolderReasons.OutsideRoot);
    private readonly FolderChain _protected = new(FolderReasons.PolicyFile);
    private readonly FolderChain _flat;
    private readonly bool _protects;
    private readonly Lock _gate = new();
    private ConcurrentDictionary<string, FolderChain> _chains = new(StringComparer.Ordinal);
    private PathTable _paths;

    /// <summary>Takes a tree.</summary>
    /// <param name="tree">The policies.</param>
    /// <param name="flat">What holds for actions about no path, or, in the profile of the original, about one outside of the tree.</param>
    /// <param name="host">The policies that hold beside those of the tree.</param>
    /// <param name="options">Which arguments are paths, and whether policy files are out of reach.</param>
    /// <param name="facts">What is asked about the file system.</param>
    internal FolderPolicies(FolderTree tree, CompiledPolicySet flat, IReadOnlyList<PolicyDocument> host, PolicyOptions options, IFileFacts facts)
    {
        Tree = tree;
        _options = flat.Options;
        _flat = new FolderChain(() => flat);

        // In the original only the policies of the tree are asked.
        _host = IsStrict ? [.. host.Select(ChainMerger.Seal)] : [];
        _facts = facts;
        _resolver = new PathResolver(tree.Root, tree.Rules, facts, IsStrict);
        _arguments = [.. options.PathArguments];
        _protects = options.ProtectPolicyFiles && IsStrict;
        _paths = new PathTable(facts.Version);
    }

    internal FolderTree Tree { get; }

    /// <summary>How many paths and chains are remembered.</summary>
    internal (int Paths, int Chains) Remembered => (Volatile.Read(ref _paths).Count, Volatile.Read(ref _chains).Count);

    private bool IsStrict => _options.Profile == PolicyProfile.Strict;

    /// <summary>The policies that hold for an action; null if <paramref name="refusal"/> is the answer.</summary>
    /// <param name="payload">Its arguments.</param>
    /// <param name="facets">Facts about it.</param>
    /// <param name="refusal">The verdict, where no policy can be told.</param>
    internal CompiledPolicySet? Find(GovernedValue payload, GovernedValue facets, out Verdict refusal)
    {
        FolderChain? chain = null;
        foreach (string argument in _arguments)
        {
            if (!Add(payload, argument, ref chain) || !Add(facets, argument, ref chain) || !Add(payload, "action", argument, ref chain))
            {
                refusal = FolderReasons.Several;
                return null;
            }
        }

        return (chain ?? _flat).Get(out refusal);
    }

    /// <summary>The plans of a template under a set of this tree.</summary>
    internal TemplatePlans PlansOf(CompiledPolicySet set, ActionTemplate template) => ((FolderPlans)template.GetOrAddPlan(this, MakePlans)).Of(set);

    /// <summary>Every chain of the tree, merged, for what there is to say about it.</summary>
    internal static IEnumerable<PolicyDiagnostic> Findings(FolderTree tree, PolicyProfile profile)
    {
        var found = new List<PolicyDiagnostic>();
        foreach (FolderFile file in tree.Files)
        {
            List<FolderFile> chain = tree.ChainOf(new ResolvedPath(PathPlace.Inside, file.Folder, IsFolder: true), profile == PolicyProfile.Strict);
            if (chain.TrueForAll(link => link.Document is not null))
            {
                ChainMerger.Merge(chain, profile, found);
            }
        }

        return found.Distinct();
    }

    private bool Add(GovernedValue map, string group, string name, ref FolderChain? chain) =>
        map.Kind != ValueKind.Map || !map.TryGetMember(group, out GovernedValue inner) || Add(inner, name, ref chain);

    /// <summary>Adds the path of an argument, if it is there; false if it is no path, or other policies hold for it than for those before.</summary>
    private bool Add(GovernedValue map, string name, ref FolderChain? chain)
    {
        if (map.Kind != ValueKind.Map || !map.TryGetMember(name, out GovernedValue value) || value.IsAbsentOrNull)
        {
            return true;
        }

        FolderChain found = value.TryGetText(out ReadOnlySpan<char> path) ? Find(path) : _refused;
        if (chain is not null && !ReferenceEquals(chain, found))
        {
            return false;
        }

        chain = found;
        return true;
    }

    private FolderChain Find(ReadOnlySpan<char> path)
    {
        if (path.Length > PathText.MaxLength)
        {
            return _refused;
        }

        long version = _facts.Version;
        if (!_facts.MayCache)
        {
            return Resolve(path.ToString(), out _);
        }

        PathTable paths = Volatile.Read(ref _paths);
        if (paths.Version == version && paths.Find(path) is { } known)
        {
            return known;
        }

        string text = path.ToString();
        FolderChain chain = Resolve(text, out bool mayKeep);
        if (mayKeep)
        {
            Remember(text, chain, version);
        }

        return chain;
    }

    private void Remember(string path, FolderChain chain, long version)
    {
        lock (_gate)
        {
            // The answer was found after the version was read, so at worst it is newer than it says, and is found again.
            if (_paths.Version < version || (_paths.Version == version && !_paths.TryAdd(path, chain)))
            {
                var paths = new PathTable(version);
                paths.TryAdd(path, chain);
                Volatile.Write(ref _paths, paths);
            }
        }
    }

    private FolderChain Resolve(string path, out bool mayKeep)
    {
        ResolvedPath resolved = _resolver.Resolve(path);
        mayKeep = resolved.StaysInTree;
        if (resolved.Place != PathPlace.Inside)
        {
            return resolved.Place == PathPlace.Refused ? _refused : IsStrict ? _outside : _flat;
        }

        if (_protects && FolderTreeReader.IsPolicy(resolved.Path))
        {
            return _protected;
        }

        List<FolderFile> files = Tree.ChainOf(in resolved, IsStrict);
        return files.Count == 0 ? _flat : ChainOf(files);
    }

    private FolderChain ChainOf(List<FolderFile> files)
    {
        string key = string.Join('\0', files.Select(file => file.Name));
        if (Volatile.Read(ref _chains).TryGetValue(key, out FolderChain? chain))
        {
            return chain;
        }

        chain = files.Find(file => file.Document is null) is { } broken
            ? new FolderChain(broken.Refusal)
            : new FolderChain(() => Compile(files));
        lock (_gate)
        {
            if (_chains.Count >= MostChains)
            {
                // The paths hold on to their chains.
                Volatile.Write(ref _chains, new ConcurrentDictionary<string, FolderChain>(StringComparer.Ordinal));
                Volatile.Write(ref _paths, new PathTable(_paths.Version));
            }

            return _chains.GetOrAdd(key, chain);
        }
    }

    private CompiledPolicySet Compile(List<FolderFile> files) =>
        PolicySet.Compile([.. _host, .. ChainMerger.Merge(files, _options.Profile, null)], _options).In(this);
}
