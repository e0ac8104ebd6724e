using Agt.Policy.Documents;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>Decides by documents as docs/policy-semantics.md says, in the plainest way and without a line of the engine: slow, and easy to check by eye.</summary>
internal static class ReferenceInterpreter
{
    internal static ReferenceDecision Decide(IReadOnlyList<PolicyDocument> documents, PolicyCase action)
    {
        string agent = action.Template.Principal.Agent.Value;
        List<PolicyDocument> applicable = [.. documents.Where(d => d.Agents.Count == 0 || d.Agents.Contains("*") || d.Agents.Contains(agent))];
        if (applicable.Count == 0)
        {
            return new ReferenceDecision(VerdictOutcome.Deny, "default_deny", null, null, [], []);
        }

        if (action.Point == InterventionPoint.PreToolCall)
        {
            foreach (PolicyDocument document in applicable)
            {
                if (document.ToolAllowlist is { Count: > 0 } tools && !tools.Contains(action.Template.Tool!.Name))
                {
                    return new ReferenceDecision(VerdictOutcome.Deny, "tool_not_allowed", document.Name, null, [], []);
                }
            }
        }

        List<(PolicyDocument Document, PolicyRule Rule)> rules = [];
        foreach (PolicyDocument document in applicable)
        {
            foreach (PolicyRule rule in document.Rules)
            {
                if (rule.Enabled && rule.Points.Contains(action.Point))
                {
                    rules.Add((document, rule));
                }
            }
        }

        return DecideByRules(applicable, rules, action);
    }

    private static ReferenceDecision DecideByRules(List<PolicyDocument> applicable, List<(PolicyDocument Document, PolicyRule Rule)> rules, PolicyCase action)
    {
        var conditions = new ReferenceConditions(action);
        List<(PolicyDocument Document, PolicyRule Rule)> matched = [];
        foreach (RuleEffect effect in Enum.GetValues<RuleEffect>())
        {
            if (effect == RuleEffect.Allow && matched.Count > 0)
            {
                break;
            }

            foreach ((PolicyDocument document, PolicyRule rule) in rules.Where(r => r.Rule.Effect == effect).OrderByDescending(r => r.Rule.Priority))
            {
                bool? holds = conditions.Holds(rule.Condition);
                if (holds is null)
                {
                    return new ReferenceDecision(VerdictOutcome.Deny, "policy_error", document.Name, rule.Name, [], []);
                }

                if (holds == false)
                {
                    continue;
                }

                if (effect == RuleEffect.Deny)
                {
                    return new ReferenceDecision(VerdictOutcome.Deny, "rule_denied", document.Name, rule.Name, [], []);
                }

                matched.Add((document, rule));
                if (effect is RuleEffect.RequireApproval or RuleEffect.Allow)
                {
                    break;
                }
            }
        }

        return matched.Count > 0 ? Combine(matched) : Default(applicable, rules.Count > 0, action.Point);
    }

    private static ReferenceDecision Combine(List<(PolicyDocument Document, PolicyRule Rule)> matched)
    {
        VerdictOutcome strictest = matched.Max(m => OutcomeOf(m.Rule.Effect));
        (PolicyDocument document, PolicyRule rule) = matched.First(m => OutcomeOf(m.Rule.Effect) == strictest);
        return new ReferenceDecision(
            strictest,
            strictest == VerdictOutcome.Escalate ? "approval_required" : "rule_matched",
            document.Name,
            rule.Name,
            [.. matched.Where(m => m.Rule.Effect == RuleEffect.Transform).SelectMany(m => m.Rule.Patches)],
            strictest == VerdictOutcome.Escalate ? rule.Approvers : []);
    }

    private static VerdictOutcome OutcomeOf(RuleEffect effect) => effect switch
    {
        RuleEffect.RequireApproval => VerdictOutcome.Escalate,
        RuleEffect.Warn => VerdictOutcome.Warn,
        _ => VerdictOutcome.Allow,
    };

    private static ReferenceDecision Default(List<PolicyDocument> applicable, bool hasRules, InterventionPoint point)
    {
        if (!point.BeginsAction())
        {
            return new ReferenceDecision(VerdictOutcome.Allow, null, null, null, [], []);
        }

        if (!hasRules && point != InterventionPoint.PreToolCall)
        {
            return new ReferenceDecision(VerdictOutcome.Allow, "default_allow", null, null, [], []);
        }

        PolicyDocument strictest = applicable.Find(d => !d.DefaultAllows) ?? applicable[0];
        return strictest.DefaultAllows
            ? new ReferenceDecision(VerdictOutcome.Allow, "default_allow", strictest.Name, null, [], [])
            : new ReferenceDecision(VerdictOutcome.Deny, "default_deny", strictest.Name, null, [], []);
    }
}
