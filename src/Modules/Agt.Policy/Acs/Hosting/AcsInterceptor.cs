using System.Collections.Frozen;

namespace Agt.Policy.Acs;

/// <summary>
/// Puts a manifest into the chain, at the stage of policy: an escalation goes to the approval broker, which binds it to the final action; a transform becomes a patch; and a result that is refused or
/// escalated is withheld and never produced again (POL-433). Thread-safe.
/// </summary>
internal sealed class AcsInterceptor(AcsRuntime runtime, AcsOptions options, string interceptorName) : IInterceptor
{
    private static readonly ReasonCode Denied = new("policy:acs_denied", DenialCategory.RuleDenied, "Denied by governance policy.");
    private static readonly ReasonCode Warned = new("policy:acs_warned", DenialCategory.RuleDenied, "Denied by governance policy.");
    private static readonly ReasonCode Transformed = new("policy:acs_transformed", DenialCategory.RuleDenied, "Denied by governance policy.");

    /// <summary>The reserved reasons are codes of their own.</summary>
    private static readonly FrozenDictionary<string, ReasonCode> Errors =
        AcsReasons.All.ToFrozenDictionary(reason => reason, reason => new ReasonCode(reason, DenialCategory.PolicyError, AcsVerdict.BlockedMessage), StringComparer.Ordinal);

    private readonly AcsSnapshots _snapshots = new(options);
    private readonly string _policy = runtime.Manifest.Metadata.TryGetMember("name", out Agt.Values.GovernedValue name) && name.AsString() is { Length: > 0 } named ? named : "acs";

    public string Name => interceptorName;

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        context.SetItem(this, runtime.Clock.GetTimestamp());
        return DecideAsync(context, default, null, cancellationToken);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        TimeSpan? duration = context.GetItem(this) is long began ? runtime.Clock.GetElapsedTime(began) : null;
        return outcome.Executed ? DecideAsync(context, outcome, duration, cancellationToken) : default;
    }

    /// <summary>The policy may by now say no; what it wants a person for, a person has seen.</summary>
    public async ValueTask<Verdict> RevalidateAsync(OperationContext context, CancellationToken cancellationToken)
    {
        Verdict now = await DecideAsync(context, default, null, cancellationToken).ConfigureAwait(false);
        return now.Outcome == VerdictOutcome.Deny ? now : default;
    }

    private async ValueTask<Verdict> DecideAsync(OperationContext context, Outcome outcome, TimeSpan? duration, CancellationToken cancellationToken)
    {
        if (!runtime.Manifest.Points.TryGetValue(context.Point, out AcsPoint? point))
        {
            return options.DenyUnconfiguredPoints ? Error(AcsReasons.InterventionPointUnknown, "The manifest does not configure the point, and the host denies what it does not.") : default;
        }

        AcsResult result = await runtime.EvaluateAsync(context.Point, _snapshots.Of(context, duration, outcome), AcsMode.Enforce, cancellationToken).ConfigureAwait(false);
        AcsVerdict verdict = result.Verdict;
        if (verdict.IsRuntimeError)
        {
            return Error(verdict.Reason!, result.Detail);
        }

        if (verdict.Permits)
        {
            foreach (string label in verdict.ResultLabels)
            {
                context.Session.AddLabel(options.LabelPrefix + label);
            }
        }

        return verdict.Decision switch
        {
            AcsDecision.Deny => new Verdict(VerdictOutcome.Deny, Detail(Denied, verdict, point)),
            AcsDecision.Escalate => new Verdict(VerdictOutcome.Escalate, Detail(ReasonCodes.ApprovalRequired, verdict, point)),
            AcsDecision.Warn => new Verdict(VerdictOutcome.Warn, Detail(Warned, verdict, point)),
            AcsDecision.Transform => Transform(context, point, verdict),
            _ => default,
        };
    }

    private Verdict Transform(OperationContext context, AcsPoint point, AcsVerdict verdict)
    {
        PatchPath? path = AcsSnapshots.PathOf(context, point.Target, verdict.Transform!.Parsed!);
        return path is null
            ? Error(AcsReasons.TransformInvalid, $"{point.PolicyTarget} and {verdict.Transform.Path} lead to nothing that can be changed here.")
            : new Verdict(VerdictOutcome.Allow, Detail(Transformed, verdict, point, Patch.Set(path, verdict.Transform.Value)));
    }

    private VerdictDetail Detail(ReasonCode code, AcsVerdict verdict, AcsPoint point, params IReadOnlyList<Patch> patches) => new(code)
    {
        Explanation = verdict.Reason,
        PublicMessage = verdict.Decision == AcsDecision.Deny ? verdict.Message : null,
        Rule = point.Policy.Id,
        Policy = _policy,
        PolicyDigest = runtime.Manifest.Digest,
        Patches = patches,
        Approvers = code == ReasonCodes.ApprovalRequired && runtime.Manifest.Approval?.DefaultResolver is { } resolver ? [resolver] : [],
    };

    private Verdict Error(string reason, string? detail) => new(VerdictOutcome.Deny, new VerdictDetail(Errors[reason]) { Explanation = detail, Policy = _policy, PolicyDigest = runtime.Manifest.Digest });
}
