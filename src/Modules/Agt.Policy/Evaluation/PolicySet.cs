using System.Collections.Frozen;
using System.Text;
using Agt.Policy.Compilation;
using Agt.Policy.InformationFlow;
using Agt.Values;

namespace Agt.Policy;

/// <summary>Compiles policy documents, with or without a host.</summary>
public static class PolicySet
{
    /// <summary>Compiles documents into a set.</summary>
    /// <param name="documents">The documents; their order decides between rules of one priority. None at all gives a set that denies everything.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ArgumentException">Two documents have the same name or declare an attribute in two ways, or a rate limit has no limit.</exception>
    public static CompiledPolicySet Compile(IEnumerable<PolicyDocument> documents, PolicyCompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        options ??= PolicyCompileOptions.Default;
        PolicyDocument[] all = [.. documents];
        if (all.GroupBy(document => document.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } repeated)
        {
            throw new ArgumentException($"Two policies have the name '{repeated.Key}'.", nameof(documents));
        }

        var attributes = new Dictionary<string, SessionAttributeDefinition>(StringComparer.Ordinal);
        foreach (SessionAttributeDefinition attribute in all.SelectMany(document => document.SessionAttributes))
        {
            if (!attributes.TryAdd(attribute.Name, attribute) && !attributes[attribute.Name].Equals(attribute))
            {
                throw new ArgumentException($"Two policies declare session.{attribute.Name} in two ways.", nameof(documents));
            }
        }

        var conditions = new ConditionCompiler();
        var rules = new List<CompiledRule>();
        SessionLimits? limits = null;
        for (int i = 0; i < all.Length; i++)
        {
            rules.AddRange(RuleCompiler.CompileRules(all[i], i, conditions));
            limits = all[i].Limits is { } own ? own.TightenedBy(limits) : limits;
        }

        PatternUse.Prepare(rules);
        var views = new PolicyViews(Array.ConvertAll(all, RuleCompiler.Compile), [.. rules], options.MaxScannedCharacters, new RuleOrder(options.Profile, options.EffectiveStrategy));
        return new CompiledPolicySet(
            views, Array.ConvertAll(all, SummaryOf), DigestOf(all.Select(document => (document.Name, document.Digest))), options.Generation, limits, all, options)
        {
            SessionAttributes = attributes.ToFrozenDictionary(StringComparer.Ordinal),
            InformationFlow = FlowOf(all),
        };
    }

    internal static InformationFlowSet FlowOf(IEnumerable<PolicyDocument> documents) =>
        new([.. documents.SelectMany(document => document.InformationFlow.Select(flow => new InformationFlowRules(flow, "information_flow", document)))]);

    internal static PolicySummary SummaryOf(PolicyDocument document) => new(document.Name, document.Version, document.Digest, document.Rules.Count(rule => rule.Enabled));

    /// <summary>SHA-256 over, per document in ordinal order of names: name, a zero byte, the digest in hexadecimal, a line feed (POL 5.7).</summary>
    internal static Digest DigestOf(IEnumerable<(string Name, Digest Digest)> documents)
    {
        var text = new StringBuilder();
        foreach ((string name, Digest digest) in documents.OrderBy(document => document.Name, StringComparer.Ordinal))
        {
            text.Append(name).Append('\0').Append(digest.ToString().AsSpan("sha256:".Length)).Append('\n');
        }

        return Digest.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
