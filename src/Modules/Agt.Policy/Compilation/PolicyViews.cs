using System.Collections.Frozen;

namespace Agt.Policy.Compilation;

/// <summary>Which rules apply to which agent: one view for each agent that a document names, and one for all others. Thread-safe.</summary>
internal sealed class PolicyViews
{
    private readonly FrozenDictionary<string, Lazy<PolicyView>> _named;
    private readonly PolicyView _others;

    internal PolicyViews(CompiledDocument[] documents, CompiledRule[] rules, long budget, RuleOrder order)
    {
        _named = documents.Where(document => document.Agents is not null)
            .SelectMany(document => document.Agents!)
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(agent => agent, agent => new Lazy<PolicyView>(() => Select(documents, rules, agent, budget, order)), StringComparer.Ordinal);
        _others = Select(documents, rules, null, budget, order);
    }

    internal PolicyView For(string agent) => _named.TryGetValue(agent, out Lazy<PolicyView>? view) ? view.Value : _others;

    private static PolicyView Select(CompiledDocument[] documents, CompiledRule[] rules, string? agent, long budget, RuleOrder order)
    {
        bool[] applies = [.. documents.Select(document => document.Agents is null || (agent is not null && document.Agents.Contains(agent)))];
        return new PolicyView(
            [.. documents.Where((_, index) => applies[index])],
            [.. rules.Where(rule => applies[rule.Document])],
            budget,
            order);
    }
}
