using System.Collections.Frozen;

namespace Agt.Policy.Acs;

/// <summary>
/// The reserved reasons of the Agent Control Specification (spec 01, section 4.6): the closed set that a runtime or its host gives, and that no policy and no annotator may give.
/// </summary>
public static class AcsReasons
{
    /// <summary>What every reserved reason begins with.</summary>
    public const string Prefix = "runtime_error:";

    /// <summary>The manifest is malformed, or cannot be composed.</summary>
    public const string ManifestInvalid = Prefix + "manifest_invalid";

    /// <summary>The manifest does not configure the point.</summary>
    public const string InterventionPointUnknown = Prefix + "intervention_point_unknown";

    /// <summary>A required path leads nowhere.</summary>
    public const string PathMissing = Prefix + "path_missing";

    /// <summary>A part of a path meets a value of another type.</summary>
    public const string PathTypeMismatch = Prefix + "path_type_mismatch";

    /// <summary>The tool is not in the catalog.</summary>
    public const string ToolUnknown = Prefix + "tool_unknown";

    /// <summary>An annotator failed, or said what it may not.</summary>
    public const string AnnotationFailed = Prefix + "annotation_failed";

    /// <summary>An annotator took too long.</summary>
    public const string AnnotationTimeout = Prefix + "annotation_timeout";

    /// <summary>The policy could not be asked.</summary>
    public const string PolicyInvocationFailed = Prefix + "policy_invocation_failed";

    /// <summary>What the policy answered is no verdict.</summary>
    public const string PolicyOutputInvalid = Prefix + "policy_output_invalid";

    /// <summary>A transform does not fit its target.</summary>
    public const string TransformInvalid = Prefix + "transform_invalid";

    /// <summary>A transform aims outside the policy target.</summary>
    public const string TransformTargetForbidden = Prefix + "transform_target_forbidden";

    /// <summary>A bound of <see cref="AcsLimits"/> is passed.</summary>
    public const string ResourceLimitExceeded = Prefix + "resource_limit_exceeded";

    /// <summary>What was approved is not what is about to run.</summary>
    public const string ApprovalActionMismatch = Prefix + "approval_action_mismatch";

    /// <summary>Nobody is there to approve.</summary>
    public const string ApprovalResolverMissing = Prefix + "approval_resolver_missing";

    /// <summary>The approval resolver threw or answered nonsense. Given by the host.</summary>
    public const string ApprovalResolverFailed = Prefix + "approval_resolver_failed";

    /// <summary>A stream could not be assembled for evaluation. Given by the host.</summary>
    public const string StreamingUnsupported = Prefix + "streaming_unsupported";

    /// <summary>A framework's method or shape of call is not mediated. Given by the host.</summary>
    public const string AdapterUnsupported = Prefix + "adapter_unsupported";

    /// <summary>The request itself is malformed. Given by the host.</summary>
    public const string RequestInvalid = Prefix + "request_invalid";

    /// <summary>All of them.</summary>
    public static IReadOnlySet<string> All { get; } = new[]
    {
        ManifestInvalid, InterventionPointUnknown, PathMissing, PathTypeMismatch, ToolUnknown, AnnotationFailed, AnnotationTimeout, PolicyInvocationFailed, PolicyOutputInvalid,
        TransformInvalid, TransformTargetForbidden, ResourceLimitExceeded, ApprovalActionMismatch, ApprovalResolverMissing, ApprovalResolverFailed, StreamingUnsupported,
        AdapterUnsupported, RequestInvalid,
    }.ToFrozenSet(StringComparer.Ordinal);
}
