using System.Collections.Frozen;
using Category = Agt.DenialCategory;

namespace Agt;

/// <summary>The registry of reserved reason codes. Every one is described in <c>docs/reason-codes.md</c>.</summary>
public static class ReasonCodes
{
    private const string PolicyErrorText = "Policy evaluation error.";
    private const string ApprovalText = "Human approval required.";

    /// <summary>Nothing objected.</summary>
    public static ReasonCode Allowed { get; } = ReasonCode.Reserve("allowed", Category.None, "Allowed.");

    /// <summary>A rule allowed, warned or audited.</summary>
    public static ReasonCode RuleMatched { get; } = ReasonCode.Reserve("rule_matched", Category.None, "Allowed.");

    /// <summary>No rule matched and the default is allow.</summary>
    public static ReasonCode DefaultAllow { get; } = ReasonCode.Reserve("default_allow", Category.None, "Allowed.");

    /// <summary>A rule denied.</summary>
    public static ReasonCode RuleDenied { get; } = ReasonCode.Reserve("rule_denied", Category.RuleDenied, "Denied by governance policy.");

    /// <summary>No rule matched and the default is deny.</summary>
    public static ReasonCode DefaultDeny { get; } = ReasonCode.Reserve("default_deny", Category.RuleDenied, "Denied by governance policy.");

    /// <summary>The tool is on no list of allowed tools.</summary>
    public static ReasonCode ToolNotAllowed { get; } = ReasonCode.Reserve("tool_not_allowed", Category.NotAllowedTool, "Tool not permitted by governance policy.");

    /// <summary>The host has no policy, and does not say that it wants none.</summary>
    public static ReasonCode PolicyMissing { get; } = ReasonCode.Reserve("policy_missing", Category.PolicyError, PolicyErrorText);

    /// <summary>A rule could not be evaluated.</summary>
    public static ReasonCode PolicyEvaluationError { get; } = ReasonCode.Reserve("policy_error", Category.PolicyError, PolicyErrorText);

    /// <summary>Too many calls in a window.</summary>
    public static ReasonCode RateLimitExceeded { get; } = ReasonCode.Reserve("rate_limited", Category.RateLimited, "Rate limit exceeded.");

    /// <summary>An interceptor threw.</summary>
    public static ReasonCode InterceptorFailed { get; } = ReasonCode.Reserve("interceptor_failed", Category.PolicyError, PolicyErrorText);

    /// <summary>An interceptor did not answer in time.</summary>
    public static ReasonCode InterceptorTimeout { get; } = ReasonCode.Reserve("interceptor_timeout", Category.PolicyError, PolicyErrorText);

    /// <summary>An interceptor gave a verdict that makes no sense.</summary>
    public static ReasonCode InterceptorInvalidVerdict { get; } = ReasonCode.Reserve("interceptor_invalid_verdict", Category.PolicyError, PolicyErrorText);

    /// <summary>The caller cancelled while the action was decided on.</summary>
    public static ReasonCode Cancelled { get; } = ReasonCode.Reserve("cancelled", Category.Timeout, "The request was cancelled.");

    /// <summary>The session's tool calls are used up.</summary>
    public static ReasonCode MaxToolCalls { get; } = ReasonCode.Reserve("max_tool_calls", Category.MaxToolCalls, "Tool-call limit exceeded.");

    /// <summary>The session's model calls are used up.</summary>
    public static ReasonCode MaxModelCalls { get; } = ReasonCode.Reserve("max_model_calls", Category.MaxToolCalls, "Model-call limit exceeded.");

    /// <summary>The session's tokens are used up.</summary>
    public static ReasonCode MaxTokens { get; } = ReasonCode.Reserve("max_tokens", Category.MaxToolCalls, "Token limit exceeded.");

    /// <summary>The session lasted too long.</summary>
    public static ReasonCode SessionExpired { get; } = ReasonCode.Reserve("session_expired", Category.Timeout, "Execution timeout exceeded.");

    /// <summary>The session has ended.</summary>
    public static ReasonCode SessionClosed { get; } = ReasonCode.Reserve("session_closed", Category.SessionEnded, "The session has ended.");

    /// <summary>Somebody has killed the agent or the session.</summary>
    public static ReasonCode Killed { get; } = ReasonCode.Reserve("killed", Category.SessionEnded, "The session has ended.");

    /// <summary>Too many sessions are open, or too many actions wait for an agent that is stopped.</summary>
    public static ReasonCode CapacityExceeded { get; } = ReasonCode.Reserve("capacity_exceeded", Category.RateLimited, "Too many sessions at once.");

    /// <summary>Actions are nested too deeply.</summary>
    public static ReasonCode NestingTooDeep { get; } = ReasonCode.Reserve("nesting_too_deep", Category.RequestInvalid, "The request was refused.");

    /// <summary>The session belongs to another principal than the action.</summary>
    public static ReasonCode PrincipalMismatch { get; } = ReasonCode.Reserve("principal_mismatch", Category.Identity, "The request was refused.");

    /// <summary>Transforms did not settle.</summary>
    public static ReasonCode TransformUnstable { get; } = ReasonCode.Reserve("transform_unstable", Category.PolicyError, PolicyErrorText);

    /// <summary>A transform could not be applied.</summary>
    public static ReasonCode TransformInvalid { get; } = ReasonCode.Reserve("transform_invalid", Category.PolicyError, PolicyErrorText);

    /// <summary>A transform aims at something that no transform may change.</summary>
    public static ReasonCode TransformTargetForbidden { get; } = ReasonCode.Reserve("transform_target_forbidden", Category.PolicyError, PolicyErrorText);

    /// <summary>A person has to approve.</summary>
    public static ReasonCode ApprovalRequired { get; } = ReasonCode.Reserve("approval_required", Category.HumanApprovalRequired, ApprovalText);

    /// <summary>A person approved.</summary>
    public static ReasonCode Approved { get; } = ReasonCode.Reserve("approved", Category.None, "Approved.");

    /// <summary>A person refused.</summary>
    public static ReasonCode ApprovalDenied { get; } = ReasonCode.Reserve("approval_denied", Category.HumanApprovalRequired, "Human approval denied.");

    /// <summary>Nobody answered in time.</summary>
    public static ReasonCode ApprovalTimeout { get; } = ReasonCode.Reserve("approval_timeout", Category.HumanApprovalRequired, "Human approval timed out.");

    /// <summary>Nobody is there to ask.</summary>
    public static ReasonCode ApprovalResolverMissing { get; } = ReasonCode.Reserve("approval_resolver_missing", Category.HumanApprovalRequired, ApprovalText);

    /// <summary>The broker failed or answered oddly.</summary>
    public static ReasonCode ApprovalResolverFailed { get; } = ReasonCode.Reserve("approval_resolver_failed", Category.HumanApprovalRequired, ApprovalText);

    /// <summary>The approval is for another action, or the action changed after it.</summary>
    public static ReasonCode ApprovalActionMismatch { get; } = ReasonCode.Reserve("approval_action_mismatch", Category.HumanApprovalRequired, ApprovalText);

    /// <summary>Something tried to reach an effect on a way around its hook: an approval that nobody asked for, say.</summary>
    public static ReasonCode BypassDetected { get; } = ReasonCode.Reserve("bypass_detected", Category.RequestInvalid, "The request was refused.");

    /// <summary>The decision could not be recorded, so nothing may happen.</summary>
    public static ReasonCode AuditUnavailable { get; } = ReasonCode.Reserve("audit_unavailable", Category.PolicyError, PolicyErrorText);

    /// <summary>The request is malformed.</summary>
    public static ReasonCode RequestInvalid { get; } = ReasonCode.Reserve("request_invalid", Category.RequestInvalid, "The request was refused.");

    /// <summary>The request holds an object that cannot be frozen.</summary>
    public static ReasonCode PayloadUnsupported { get; } = ReasonCode.Reserve("payload_unsupported", Category.Unsupported, "The request was refused.");

    /// <summary>The request is beyond a size limit.</summary>
    public static ReasonCode ResourceLimitExceeded { get; } = ReasonCode.Reserve("resource_limit_exceeded", Category.RequestInvalid, "The request was refused.");

    /// <summary>People have not been told yet what must be said before the agent acts.</summary>
    public static ReasonCode DisclosureRequired { get; } = ReasonCode.Reserve("disclosure_required", Category.RuleDenied, "The person has to be told first that they deal with an AI system.");

    /// <summary>The framework cannot carry out what the decision asks for.</summary>
    public static ReasonCode AdapterUnsupported { get; } = ReasonCode.Reserve("adapter_unsupported", Category.Unsupported, "The request was refused.");

    /// <summary>A stream cannot be held back and assembled.</summary>
    public static ReasonCode StreamingUnsupported { get; } = ReasonCode.Reserve("streaming_unsupported", Category.Unsupported, "The request was refused.");

    /// <summary>All reserved codes by their text.</summary>
    public static IReadOnlyDictionary<string, ReasonCode> All { get; } = new[]
    {
        Allowed, RuleMatched, DefaultAllow, RuleDenied, DefaultDeny, ToolNotAllowed, PolicyMissing, PolicyEvaluationError, RateLimitExceeded,
        InterceptorFailed, InterceptorTimeout, InterceptorInvalidVerdict, Cancelled, MaxToolCalls, MaxModelCalls, MaxTokens, SessionExpired,
        SessionClosed, Killed, CapacityExceeded, NestingTooDeep, PrincipalMismatch, TransformUnstable, TransformInvalid, TransformTargetForbidden, ApprovalRequired, Approved,
        ApprovalDenied, ApprovalTimeout, ApprovalResolverMissing, ApprovalResolverFailed, ApprovalActionMismatch, BypassDetected, AuditUnavailable, RequestInvalid,
        PayloadUnsupported, ResourceLimitExceeded, AdapterUnsupported, StreamingUnsupported, DisclosureRequired,
    }.ToFrozenDictionary(code => code.Code, StringComparer.Ordinal);
}
