using Agt.Policy;
using Agt.Policy.Documents;

namespace Agt.Cli;

/// <summary>What a verdict says, in the words that the command line uses for it.</summary>
internal sealed class DecisionFacts
{
    internal DecisionFacts(Verdict verdict, LoadedPolicies policies)
    {
        Verdict = verdict;
        Detail = verdict.Detail;
        Rule = policies.RuleOf(Detail?.Policy, Detail?.Rule);
    }

    internal Verdict Verdict { get; }

    internal VerdictDetail? Detail { get; }

    /// <summary>The rule that decided; null where none did.</summary>
    internal PolicyRule? Rule { get; }

    internal bool IsAllowed => Verdict.Outcome is VerdictOutcome.Allow or VerdictOutcome.Warn;

    internal string Outcome => Verdict.Outcome switch
    {
        VerdictOutcome.Allow => "allow",
        VerdictOutcome.Warn => "warn",
        VerdictOutcome.Escalate => "escalate",
        _ => "deny",
    };

    /// <summary>What the deciding rule does; where none decided, the outcome in the same words.</summary>
    internal string Effect => Rule is null || (Verdict.Outcome == VerdictOutcome.Deny && Rule.Effect is not (RuleEffect.Deny or RuleEffect.RateLimit))
        ? Verdict.Outcome switch { VerdictOutcome.Escalate => "require_approval", _ => Outcome }
        : Name(Rule.Effect);

    internal ReasonCode Reason => Detail?.Reason ?? ReasonCodes.Allowed;

    internal string PublicMessage => Detail?.PublicMessage ?? Reason.PublicMessage;

    /// <summary>What the caller has to do before the action may go on, or is over.</summary>
    internal IEnumerable<string> Obligations
    {
        get
        {
            if (Verdict.Outcome == VerdictOutcome.Escalate)
            {
                yield return "obtain_approval";
            }

            if (Verdict.Outcome != VerdictOutcome.Deny && Detail is { Patches.Count: > 0 })
            {
                yield return "apply_patches";
            }

            if (Verdict.Outcome == VerdictOutcome.Warn)
            {
                yield return "record";
            }
        }
    }

    internal static string Name(RuleEffect effect) => effect switch
    {
        RuleEffect.Allow => "allow",
        RuleEffect.Audit => "audit",
        RuleEffect.Warn => "warn",
        RuleEffect.Transform => "transform",
        RuleEffect.RequireApproval => "require_approval",
        RuleEffect.RateLimit => "rate_limit",
        _ => "deny",
    };
}
