using Agt.Values;

namespace Agt.Policy.Acs;

/// <content>What becomes of an escalation (POL-424).</content>
public sealed partial class AcsRuntime
{
    private static readonly TimeSpan DefaultApprovalTimeout = TimeSpan.FromSeconds(300);

    /// <summary>Asks a resolver about an escalated result, and binds the answer to what is about to run.</summary>
    /// <param name="escalated">The result. One that is no escalation, or was only evaluated, is given back as it is: a denial is never put before anyone.</param>
    /// <param name="snapshotNow">Gives the snapshot as it stands once the answer is there. If its identity is no longer what was approved, the answer does not count.</param>
    /// <param name="resolver">Whom to ask; null denies with <see cref="AcsReasons.ApprovalResolverMissing"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>An allow, a deny, or the same escalation with <see cref="AcsResult.IsSuspended"/>.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up; nothing was decided.</exception>
    public async ValueTask<AcsResult> ResolveAsync(AcsResult escalated, Func<GovernedValue> snapshotNow, IAcsApprovalResolver? resolver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(escalated);
        ArgumentNullException.ThrowIfNull(snapshotNow);
        if (escalated.Verdict.Decision != AcsDecision.Escalate || escalated.Mode != AcsMode.Enforce || escalated.EnforcedIdentity is null)
        {
            return escalated;
        }

        if (resolver is null)
        {
            return Settled(escalated, AcsVerdict.RuntimeError(AcsReasons.ApprovalResolverMissing));
        }

        AcsApproval? answer;
        using var limited = new CancellationTokenSource(Manifest.Approval?.Timeout ?? DefaultApprovalTimeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limited.Token);
        try
        {
            answer = await resolver.ResolveAsync(escalated, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested)
        {
            return Manifest.Approval?.SuspendsOnTimeout == true ? escalated.Suspended() : Settled(escalated, AcsVerdict.RuntimeError(AcsReasons.ApprovalResolverFailed));
        }
#pragma warning disable CA1031 // Whatever a resolver throws is a deny.
        catch (Exception)
        {
            answer = null;
        }
#pragma warning restore CA1031

        if (answer is null || answer.Reason?.StartsWith(AcsReasons.Prefix, StringComparison.Ordinal) == true || !Enum.IsDefined(answer.Outcome))
        {
            return Settled(escalated, AcsVerdict.RuntimeError(AcsReasons.ApprovalResolverFailed));
        }

        if (answer.Outcome == AcsApprovalOutcome.Deny)
        {
            return Settled(escalated, new AcsVerdict(AcsDecision.Deny) { Reason = answer.Reason ?? escalated.Verdict.Reason, Message = escalated.Verdict.Message });
        }

        if (answer.EnforcedIdentity != escalated.EnforcedIdentity || IdentityNow(escalated, snapshotNow) != escalated.EnforcedIdentity)
        {
            return Settled(escalated, AcsVerdict.RuntimeError(AcsReasons.ApprovalActionMismatch));
        }

        return answer.Outcome == AcsApprovalOutcome.Suspend
            ? escalated.Suspended()
            : Settled(escalated, escalated.Verdict with { Decision = AcsDecision.Allow, Reason = answer.Reason ?? escalated.Verdict.Reason });
    }

    private static AcsResult Settled(AcsResult escalated, AcsVerdict verdict) => new(escalated.Point, escalated.Mode, verdict)
    {
        PolicyInput = escalated.PolicyInput,
        InputIdentity = verdict.IsRuntimeError ? null : escalated.InputIdentity,
        EnforcedIdentity = verdict.IsRuntimeError ? null : escalated.EnforcedIdentity,
    };

    /// <summary>The enforced identity as it is now: of the same input with the snapshot as it stands.</summary>
    private string? IdentityNow(AcsResult escalated, Func<GovernedValue> snapshotNow)
    {
        try
        {
            GovernedValue snapshot = snapshotNow();
            AcsPoint config = Manifest.Points[escalated.Point];
            escalated.PolicyInput.TryGetMember("annotations", out GovernedValue annotations);
            var input = new AcsPolicyInput(config, config.Target.Resolve(snapshot), snapshot, annotations, Tool(config, snapshot));
            return IdentityOf(input.ToCanonical(AcsCanonicalJson.ToUtf8(snapshot)));
        }
#pragma warning disable CA1031 // What cannot be read is not what was approved.
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }
}
