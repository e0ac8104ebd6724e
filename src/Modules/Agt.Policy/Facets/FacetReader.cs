using Agt.Policy.Compilation;
using Agt.Policy.Facets.Kubernetes;
using Agt.Policy.Facets.Sql;
using Agt.Values;

namespace Agt.Policy.Facets;

/// <summary>Reads the facts that rules ask for out of an action (POL-251). Immutable and thread-safe.</summary>
public sealed class FacetReader
{
    private static readonly PayloadLimits FactLimits = new() { MaxCharacters = 4_000_000 };
    private readonly (string Root, IFacetExtractor[] Extractors)[] _roots;

    /// <summary>Takes what the options say.</summary>
    /// <exception cref="ArgumentException">An extractor has no name, or that of a fact of the action.</exception>
    public FacetReader(FacetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxCharacters, 1, nameof(options));
        var all = options.Extractors.Select(make => make(options.MaxCharacters)).ToList();
        if (options.UseDefaults)
        {
            all.Add(new SqlFacetExtractor(new FacetSource("sql.query", "*"), options.MaxCharacters));
            all.Add(new KubernetesFacetExtractor(new FacetSource("k8s.method", "*"), new FacetSource("k8s.path", "*")));
        }

        foreach (IFacetExtractor extractor in all)
        {
            if (string.IsNullOrWhiteSpace(extractor.Root) || Validation.FieldCatalog.IsRoot(extractor.Root))
            {
                throw new ArgumentException($"An extractor of facets cannot be called '{extractor.Root}'.", nameof(options));
            }
        }

        _roots = [.. all.GroupBy(extractor => extractor.Root, StringComparer.Ordinal).Select(group => (group.Key, group.ToArray()))];
    }

    internal bool IsEmpty => _roots.Length == 0;

    /// <summary>Reads all facts.</summary>
    /// <param name="template">Which tool, who, where.</param>
    /// <param name="payload">The arguments.</param>
    /// <param name="given">Facts that are known already; those that are read here win.</param>
    /// <returns>A map in memory of its own.</returns>
    /// <exception cref="FormatException">An argument is not what its extractor reads.</exception>
    /// <exception cref="PayloadException">The facts are too large.</exception>
    public GovernedValue Read(ActionTemplate template, GovernedValue payload, GovernedValue given = default)
    {
        ArgumentNullException.ThrowIfNull(template);
        return Read(template, payload, given, null);
    }

    /// <summary>Reads the facts of some roots; null for all.</summary>
    internal GovernedValue Read(ActionTemplate template, GovernedValue payload, GovernedValue given, FacetNames? names)
    {
        bool wanted = false;
        foreach ((string root, _) in _roots)
        {
            wanted |= IsWanted(root, names);
        }

        return wanted ? ReadWanted(template, payload, given, names) : given;
    }

    /// <summary>Apart, so that what it captures costs nothing where no rule asks for a fact.</summary>
    private GovernedValue ReadWanted(ActionTemplate template, GovernedValue payload, GovernedValue given, FacetNames? names)
    {
        var arena = new ValueArena(FactLimits);
        arena.BeginMap();
        if (given.Kind == ValueKind.Map)
        {
            for (int i = 0; i < given.Count; i++)
            {
                ValueMember member = given.MemberAt(i);
                if (!Array.Exists(_roots, root => root.Root == member.Name && IsWanted(root.Root, names)))
                {
                    arena.Name(member.Name);
                    arena.Write(arena.Copy(member.Value));
                }
            }
        }

        foreach ((string root, IFacetExtractor[] extractors) in _roots)
        {
            if (IsWanted(root, names))
            {
                arena.Name(root);
                arena.BeginMap();
                Chosen(extractors, template, payload).Extract(template, payload, arena);
                arena.End();
            }
        }

        return arena.End(uniqueNames: true);
    }

    private static bool IsWanted(string root, FacetNames? names) => names is null || names.Wants(root);

    private static IFacetExtractor Chosen(IFacetExtractor[] extractors, ActionTemplate template, GovernedValue payload) =>
        Array.Find(extractors, extractor => extractor.Applies(template, payload)) ?? extractors[0];
}
