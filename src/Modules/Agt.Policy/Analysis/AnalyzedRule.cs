using Agt.Policy.Compilation;
using Agt.Policy.Documents;

namespace Agt.Policy.Analysis;

/// <summary>One enabled rule at one point, with what the analysis asks of it again and again.</summary>
internal sealed class AnalyzedRule
{
    private AnalyzedRule(PolicyDocument document, PolicyRule rule, InterventionPoint point, Condition condition)
    {
        Document = document;
        Rule = rule;
        Point = point;
        Condition = condition;
        CanHold = Implication.CanHold(condition);
        AlwaysHolds = Implication.AlwaysHolds(condition);
    }

    internal PolicyDocument Document { get; }

    internal PolicyRule Rule { get; }

    internal InterventionPoint Point { get; }

    internal Condition Condition { get; }

    internal bool CanHold { get; }

    internal bool AlwaysHolds { get; }

    internal string FullName => $"'{Rule.Name}' of {Document.Name}";

    internal static IEnumerable<AnalyzedRule> Of(IEnumerable<PolicyDocument> documents)
    {
        var conditions = new ConditionCompiler();
        foreach (PolicyDocument document in documents)
        {
            foreach (PolicyRule rule in document.Rules)
            {
                foreach (InterventionPoint point in rule.Enabled ? rule.Points : [])
                {
                    yield return new AnalyzedRule(document, rule, point, conditions.Compile(rule.Condition, point));
                }
            }
        }
    }

    /// <summary>Whether it applies to every agent and at the point of the other.</summary>
    internal bool Covers(AnalyzedRule other) =>
        Point == other.Point && (IsForAll(Document) || (!IsForAll(other.Document) && other.Document.Agents.All(agent => Document.Agents.Contains(agent))));

    internal PolicyDiagnostic Warn(string code, string message, string fix) =>
        new(DiagnosticSeverity.Warning, code, Document.Source, Rule.Position, string.Empty, $"Rule '{Rule.Name}' {message}", fix);

    private static bool IsForAll(PolicyDocument document) => document.Agents.Count == 0 || document.Agents.Contains("*");
}
