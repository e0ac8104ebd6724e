using System.Collections.Frozen;
using Agt.Policy.Documents;

namespace Agt.Policy.Compilation;

/// <summary>Turns documents into what plans are made of.</summary>
internal static class RuleCompiler
{
    private const string EvaluationError = "Policy evaluation error: access denied (fail closed)";
    private const string NoRuleMatched = "No rules matched; default action applied";

    internal static CompiledDocument Compile(PolicyDocument document) => new()
    {
        Agents = document.Agents.Count == 0 || document.Agents.Contains("*") ? null : document.Agents.ToFrozenSet(StringComparer.Ordinal),
        Tools = document.ToolAllowlist is { Count: > 0 } tools ? tools.ToFrozenSet(StringComparer.Ordinal) : null,
        IsInChain = document.IsInChain,
        Default = document.DefaultAllows
            ? new Verdict(VerdictOutcome.Allow, Detail(ReasonCodes.DefaultAllow, document, NoRuleMatched))
            : new Verdict(VerdictOutcome.Deny, Detail(ReasonCodes.DefaultDeny, document, NoRuleMatched)),
        ToolNotListed = new Verdict(VerdictOutcome.Deny, Detail(ReasonCodes.ToolNotAllowed, document, "The tool is not on the tool_allowlist of the policy")),
    };

    /// <summary>The enabled rules, one for each point of each rule, in order.</summary>
    internal static IEnumerable<CompiledRule> CompileRules(PolicyDocument document, int place, ConditionCompiler conditions)
    {
        foreach (PolicyRule rule in document.Rules)
        {
            if (!rule.Enabled)
            {
                continue;
            }

            var verdict = new Verdict(OutcomeOf(rule.Effect), Detail(ReasonOf(rule.Effect), document, rule));
            var error = new Verdict(VerdictOutcome.Deny, Detail(ReasonCodes.PolicyEvaluationError, document, EvaluationError, rule.Name));
            foreach (InterventionPoint point in rule.Points)
            {
                Condition condition = conditions.Compile(rule.Condition, point);
                Test[] staticTests = StaticTests.Of(condition);
                yield return new CompiledRule
                {
                    Effect = rule.Effect,
                    Point = point,
                    Priority = rule.Priority,
                    Document = place,
                    Sealed = rule.Sealed,
                    Scope = document.Scope,
                    Condition = condition,
                    Verdict = verdict,
                    Error = error,
                    RateLimit = rule is { Effect: RuleEffect.RateLimit, Limit: { } limit } ? new RateLimitRule(document.Name, rule.Name, rule.LimitScope, limit) : null,
                    StaticTests = staticTests,
                    Tools = ToolFilter.Of(condition, staticTests),
                };
            }
        }
    }

    private static VerdictOutcome OutcomeOf(RuleEffect effect) => effect switch
    {
        RuleEffect.Deny => VerdictOutcome.Deny,
        RuleEffect.RequireApproval => VerdictOutcome.Escalate,
        RuleEffect.Warn => VerdictOutcome.Warn,
        _ => VerdictOutcome.Allow,
    };

    private static ReasonCode ReasonOf(RuleEffect effect) => effect switch
    {
        RuleEffect.Deny => ReasonCodes.RuleDenied,
        RuleEffect.RequireApproval => ReasonCodes.ApprovalRequired,
        _ => ReasonCodes.RuleMatched,
    };

    private static VerdictDetail Detail(ReasonCode reason, PolicyDocument document, PolicyRule rule) => new(reason)
    {
        Explanation = rule.Message ?? rule.Description ?? $"Matched rule '{rule.Name}'",
        PublicMessage = rule.Message,
        Rule = rule.Name,
        Policy = document.Name,
        PolicyVersion = document.Version,
        PolicyDigest = document.Digest,
        PolicySigner = document.Signer,
        Patches = rule.Effect == RuleEffect.Transform ? rule.Patches : [],
        Approvers = rule.Effect == RuleEffect.RequireApproval ? rule.Approvers : [],
    };

    private static VerdictDetail Detail(ReasonCode reason, PolicyDocument document, string explanation, string? rule = null) => new(reason)
    {
        Explanation = explanation,
        Rule = rule,
        Policy = document.Name,
        PolicyVersion = document.Version,
        PolicyDigest = document.Digest,
        PolicySigner = document.Signer,
    };
}
