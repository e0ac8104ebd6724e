using System.Diagnostics;
using Agt.Values;

namespace Agt.Events;

/// <summary>Makes envelopes of events. What it takes over of the arguments are their digest and their shape: names and kinds, no values.</summary>
internal static class EventMapper
{
    private const int MostNames = 32;
    private const int LongestName = 64;

    internal static EventEnvelope Map(in GovernanceEvent happened)
    {
        GovernedAction action = happened.Action;
        ActionTemplate template = action.Template;
        Decision? decision = happened.Decision;
        string agent = template.Principal.Agent.Value;
        Activity? activity = Activity.Current;
        return new EventEnvelope
        {
            EventId = Guid.CreateVersion7(happened.Timestamp),
            OccurredAt = happened.Timestamp,
            Kind = NameOf(happened.Kind),
            Severity = happened.Kind is GovernanceEventKind.PolicyViolation or GovernanceEventKind.ToolCallBlocked or GovernanceEventKind.DriftDetected ? "warning" : happened.Kind == GovernanceEventKind.BypassDetected ? "error" : "info",
            AgentId = agent,
            AgentDid = agent.StartsWith("did:", StringComparison.Ordinal) ? agent : null,
            SessionId = action.Session.Id.Value,
            Action = template.Operation,
            Resource = template.Tool?.Name,
            Decision = decision is null ? "pending" : Agt.Decision.WireName(decision.Outcome),
            Reason = decision?.Reason.Code ?? NameOf(happened.Kind),
            PolicyName = decision?.Detail.Policy,
            TraceId = activity?.TraceId.ToString(),
            SpanId = activity?.SpanId.ToString(),
            ParentSpanId = activity is { ParentSpanId: var parent } && parent != default ? parent.ToString() : null,
            Attributes = AttributesOf(in happened),
        };
    }

    internal static string NameOf(GovernanceEventKind kind) => kind switch
    {
        GovernanceEventKind.PolicyCheck => "policy_check",
        GovernanceEventKind.PolicyViolation => "policy_violation",
        GovernanceEventKind.ToolCallBlocked => "tool_call_blocked",
        GovernanceEventKind.ApprovalRequested => "approval_requested",
        GovernanceEventKind.ApprovalResolved => "approval_resolved",
        GovernanceEventKind.OperationCompleted => "operation_completed",
        GovernanceEventKind.BypassDetected => "bypass_detected",
        GovernanceEventKind.CheckpointCreated => "checkpoint_created",
        GovernanceEventKind.DriftDetected => "drift_detected",
        _ => "other",
    };

    private static Dictionary<string, string> AttributesOf(in GovernanceEvent happened)
    {
        GovernedAction action = happened.Action;
        Principal principal = action.Template.Principal;
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["point"] = action.Template.Point.WireName(),
            ["framework"] = action.Template.Framework,
        };
        Add("user", principal.User);
        Add("tenant", principal.Tenant);
        Add("call_id", action.CallId);
        Add("value", happened.Value?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Add("status", happened.Status?.ToString().ToLowerInvariant());
        if (happened.Decision is { } decision)
        {
            Add("enforced", decision.IsEnforced ? null : "false");
            Add("rule", decision.Detail.Rule);
            Add("policy_chain", ChainOf(decision));
            Add("error", decision.Reason.Category == DenialCategory.PolicyError ? "true" : null);
            Add("policy_version", decision.Detail.PolicyVersion);
            Add("policy_set_digest", decision.PolicySetDigest == default ? null : decision.PolicySetDigest.ToString());
            Add("policy_generation", decision.PolicyGeneration.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Add("decision_digest", decision.Digest.ToString());
            if (!decision.IsAllowed)
            {
                Add("context_sha256", CanonicalJson.DigestOf(action.Payload).ToString());
                Add("context_shape", ShapeOf(action.Payload));
            }
        }

        return all;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }
    }

    /// <summary>The policies that had a say, in order; null where one alone had.</summary>
    private static string? ChainOf(Decision decision)
    {
        string[] policies = [.. decision.Contributions.Select(contribution => contribution.Verdict.Detail?.Policy).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostNames)];
        return policies.Length > 1 ? string.Join(',', policies) : null;
    }

    /// <summary>Names and kinds of the members, such as <c>amount:Integer,to:String</c>.</summary>
    private static string ShapeOf(GovernedValue payload)
    {
        if (payload.Kind != ValueKind.Map)
        {
            return payload.Kind.ToString();
        }

        IEnumerable<string> members = Enumerable.Range(0, Math.Min(payload.Count, MostNames)).Select(i => payload.MemberAt(i)).Select(
            member => (member.Name.Length > LongestName ? member.Name[..LongestName] : member.Name) + ":" + member.Value.Kind);
        return string.Join(',', members) + (payload.Count > MostNames ? ",..." : string.Empty);
    }
}
