namespace Agt.Policy.Analysis;

/// <summary>
/// Reads policies as a whole and says what they can hardly mean: rules that never apply, that others make pointless, that contradict each other, or that allow too much (spec 01,
/// POL-X29). Every finding is a warning: the policies work as written. What it calls impossible is proven; what it cannot see through it does not mention.
/// </summary>
/// <remarks>Thread-safe. Works on the rules as the profile <see cref="PolicyProfile.Strict"/> combines them (docs/policy-semantics.md).</remarks>
public static class PolicyAnalyzer
{
    /// <summary>Rules that are compared with each other; of more, only what one rule shows by itself is reported.</summary>
    public const int MaxComparedRules = 4_000;

    /// <summary>Analyses documents that are used together.</summary>
    /// <param name="documents">What <see cref="PolicyLoader"/> read.</param>
    /// <returns>Findings by document and line; codes <c>AGTP200</c> to <c>AGTP209</c>.</returns>
    public static IReadOnlyList<PolicyDiagnostic> Analyze(IReadOnlyCollection<PolicyDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var found = new List<PolicyDiagnostic>();
        AnalyzedRule[] rules = [.. AnalyzedRule.Of(documents)];
        foreach (AnalyzedRule rule in rules)
        {
            RuleFindings.Add(rule, found);
        }

        PairFindings.Add(rules, found);
        DocumentFindings.Add(documents, rules, found);
        var order = documents.Select((document, place) => (document.Source, place)).GroupBy(pair => pair.Source).ToDictionary(group => group.Key, group => group.First().place, StringComparer.Ordinal);
        return [.. found.DistinctBy(finding => (finding.Code, finding.Source, finding.Position, finding.Message))
            .OrderBy(finding => order[finding.Source]).ThenBy(finding => finding.Position.Line).ThenBy(finding => finding.Code, StringComparer.Ordinal)];
    }
}
