namespace Agt.Policy.Analysis;

/// <summary>What the documents show as a whole.</summary>
internal static class DocumentFindings
{
    internal static void Add(IReadOnlyCollection<PolicyDocument> documents, AnalyzedRule[] rules, List<PolicyDiagnostic> found)
    {
        foreach (PolicyDocument document in documents)
        {
            if (document.Rules.Length > 0 && !Array.Exists(document.Rules, rule => rule.Enabled))
            {
                found.Add(Warn(document, "AGTP208", "Every rule is disabled, so only the default holds.", "Enable a rule, or remove the file."));
            }
        }

        // What nobody can ever do: the default denies, and no rule of any document lets a tool through.
        if (documents.Count > 0 && documents.All(document => !document.DefaultAllows)
            && !Array.Exists(rules, rule => rule.Point == InterventionPoint.PreToolCall && rule.CanHold && rule.Rule.Effect != RuleEffect.Deny))
        {
            found.Add(Warn(documents.First(), "AGTP209", "These policies never allow a tool: the default denies, and no rule allows.", "Add a rule whose action is allow, or set default_action: allow."));
        }
    }

    private static PolicyDiagnostic Warn(PolicyDocument document, string code, string message, string fix) =>
        new(DiagnosticSeverity.Warning, code, document.Source, new SourcePosition(1, 1), string.Empty, message, fix);
}
