using Agt.Policy.Documents;
using Agt.Policy.Loading;

namespace Agt.Policy.Folders;

/// <summary>
/// Makes of the files of a chain the documents that hold together (spec 01, POL-114 to POL-117, POL-119): each keeps its rules but for those that a folder above keeps it from having, or that one
/// below takes over. What a folder above denies stays denied.
/// </summary>
internal sealed class ChainMerger
{
    private readonly bool _strict;
    private readonly List<PolicyDiagnostic>? _found;
    private readonly List<(int Place, PolicyRule Rule)> _kept = [];
    private readonly Dictionary<string, List<(int Place, PolicyRule Rule)>> _byName = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<FolderFile> _chain;

    private ChainMerger(IReadOnlyList<FolderFile> chain, PolicyProfile profile, List<PolicyDiagnostic>? found)
    {
        _chain = chain;
        _strict = profile == PolicyProfile.Strict;
        _found = found;
    }

    /// <summary>Merges.</summary>
    /// <param name="chain">The files, that of the root first; none was refused.</param>
    /// <param name="profile">Whether a rule that denies is kept in any case.</param>
    /// <param name="found">Where it is said which rules are dropped; null for nowhere.</param>
    internal static PolicyDocument[] Merge(IReadOnlyList<FolderFile> chain, PolicyProfile profile, List<PolicyDiagnostic>? found) => new ChainMerger(chain, profile, found).Merge();

    /// <summary>A document above a chain: what it denies stays denied.</summary>
    internal static PolicyDocument Seal(PolicyDocument document) => document.WithRules(Array.ConvertAll(document.Rules, Seal));

    private static PolicyRule Seal(PolicyRule rule) => rule.Effect == RuleEffect.Deny ? rule with { Sealed = true } : rule;

    private PolicyDocument[] Merge()
    {
        for (int place = 0; place < _chain.Count; place++)
        {
            bool isCut = IsCut(place);
            foreach (PolicyRule rule in _chain[place].Document!.Rules)
            {
                if (!isCut || rule is { Effect: RuleEffect.Deny, Enabled: true })
                {
                    Add(place, rule);
                }
            }
        }

        var documents = new PolicyDocument[_chain.Count];
        for (int place = 0; place < documents.Length; place++)
        {
            bool hasChildren = _strict && place < documents.Length - 1;
            documents[place] = _chain[place].Document!.InChain(
                _chain[place].Name, [.. _kept.Where(kept => kept.Place == place).Select(kept => hasChildren ? Seal(kept.Rule) : kept.Rule)]);
        }

        return documents;
    }

    /// <summary>
    /// Whether a document below does not inherit (POL-111). Its denials hold all the same, and so does its list of tools: a denial that any folder could shake off would be none (POL-116).
    /// </summary>
    private bool IsCut(int place)
    {
        for (int below = place + 1; below < _chain.Count; below++)
        {
            if (!_chain[below].Inherits && Covers(_chain[below].Document!, _chain[place].Document!))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(int place, PolicyRule rule)
    {
        if (!_byName.TryGetValue(rule.Name, out List<(int Place, PolicyRule Rule)>? above))
        {
            Keep(place, rule, _byName[rule.Name] = []);
            return;
        }

        bool denies = rule is { Effect: RuleEffect.Deny, Enabled: true };
        bool covers = above.TrueForAll(other => Covers(_chain[place].Document!, _chain[other.Place].Document!));
        if (above.Exists(other => other.Rule is { Effect: RuleEffect.Deny, Enabled: true }))
        {
            if (_strict && denies)
            {
                Keep(place, rule, above);
            }
            else
            {
                Warn(place, rule, "AGTP054", "is dropped: a folder above denies under that name.", "Give it another name; the denial holds in any case.");
            }
        }
        else if (rule.Overrides && covers)
        {
            _kept.RemoveAll(kept => above.Contains(kept));
            above.Clear();
            Keep(place, rule, above);
        }
        else if ((_strict && denies) || (rule.Overrides && !covers) || !above.Exists(other => Covers(_chain[other.Place].Document!, _chain[place].Document!)))
        {
            // A rule for some agents cannot take the place of one for others, and a denial is never dropped.
            Keep(place, rule, above);
        }
        else
        {
            Warn(place, rule, "AGTP065", "is dropped: a folder above has a rule of that name.", "Write override: true to replace that one, or give this one another name.");
        }
    }

    private void Keep(int place, PolicyRule rule, List<(int Place, PolicyRule Rule)> named)
    {
        named.Add((place, rule));
        _kept.Add((place, rule));
    }

    /// <summary>Whether a document is for every agent that the other one is for.</summary>
    private static bool Covers(PolicyDocument document, PolicyDocument other) =>
        document.Agents.Count == 0 || document.Agents.Contains("*") || (other.Agents.Count > 0 && other.Agents.All(agent => document.Agents.Contains(agent)));

    private void Warn(int place, PolicyRule rule, string code, string what, string fix) => _found?.Add(new PolicyDiagnostic(
        DiagnosticSeverity.Warning, code, _chain[place].Document!.Source, rule.Position, string.Empty, $"The rule {YamlDocumentReader.Shown(rule.Name)} {what}", fix));
}
