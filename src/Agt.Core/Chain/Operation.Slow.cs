using System.Runtime.CompilerServices;
using Agt.Approvals;
using Agt.Events;
using Agt.Values;

namespace Agt.Chain;

/// <content>Deciding when something has to be waited for, repeated, approved or denied.</content>
internal sealed partial class Operation
{
    private static readonly string ApprovalName = "approval";

    /// <summary>Goes on from one interceptor to the decision.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<GovernedOperation> DecideAsync(int index, ValueTask<Verdict> pending, bool pendingIsSet)
    {
        try
        {
            if (_outcome < VerdictOutcome.Deny)
            {
                await PassAsync(index, pending, pendingIsSet).ConfigureAwait(false);
            }

            if (_outcome < VerdictOutcome.Deny && _changedAfterPolicy)
            {
                await RepeatFromPolicyAsync().ConfigureAwait(false);
            }

            if (IsLate() && _outcome < VerdictOutcome.Deny)
            {
                Contribute("governance", Verdict.Deny(ReasonCodes.InterceptorTimeout));
            }

            if (_outcome == VerdictOutcome.Escalate && !_chain.EvaluatesOnly)
            {
                if (_action!.IsRehearsal)
                {
                    Contribute(ApprovalName, _chain.Approvals.MayAsk(_context)
                        ? Verdict.Deny(ReasonCodes.ApprovalRequired)
                        : Refusal(ApprovalResult.Refused(ReasonCodes.ApprovalDenied, ApprovalFatigue.Approver)));
                }
                else
                {
                    await ApproveAsync().ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_caller.IsCancellationRequested)
        {
            _cancelled = true;
            _holds = true;
            Contribute("governance", Verdict.Deny(ReasonCodes.Cancelled));
        }
        catch (Exception exception)
        {
            Contribute("governance", OnFailure(exception, "governance"));
        }

        if (MayStillRun && IsKilled())
        {
            _holds = true;
            Contribute("governance", Verdict.Deny(ReasonCodes.Killed));
        }

        if (MayStillRun && _caller.IsCancellationRequested)
        {
            _cancelled = true;
            _holds = true;
            Contribute("governance", Verdict.Deny(ReasonCodes.Cancelled));
        }

        if (!IsEnforced)
        {
            return await EvaluatedAsync().ConfigureAwait(false);
        }

        if (_outcome < VerdictOutcome.Deny && _action!.IsRehearsal)
        {
            _decision = Compose();
            return await DenyAsync().ConfigureAwait(false);
        }

        ValueTask appended = Record(Compose());
        if (_outcome < VerdictOutcome.Deny)
        {
            return await AllowWhenRecordedAsync(appended).ConfigureAwait(false);
        }

        await ObserveRecordAsync(appended).ConfigureAwait(false);
        return await DenyAsync().ConfigureAwait(false);
    }

    /// <summary>Whether nothing has been said yet that keeps the action from running.</summary>
    private bool MayStillRun => _outcome < VerdictOutcome.Deny || !IsEnforced;

    /// <summary>The decision is recorded as it is, and the action goes on as if nobody had said anything.</summary>
    private async ValueTask<GovernedOperation> EvaluatedAsync()
    {
        GovernedAction action = _action!;
        Decision evaluated = Compose();
        if (action.IsRehearsal)
        {
            _decision = _chain.PlainAllow(_context.Policy);
            return await DenyAsync().ConfigureAwait(false);
        }

        ValueTask appended = Record(evaluated);
        _context.Payload = action.Payload;
        _changed = false;
        if (!evaluated.IsAllowed)
        {
            Announce(action, evaluated);
            if (_reserved)
            {
                // It counts for nothing that would not have counted had it been denied.
                action.Session.Return(action.Template.Point);
                _reserved = false;
            }
        }

        _decision = _chain.PlainAllow(_context.Policy);
        return await AllowWhenRecordedAsync(appended).ConfigureAwait(false);
    }

    private async ValueTask PassAsync(int index, ValueTask<Verdict> pending, bool pendingIsSet)
    {
        for (; index < _chain.Interceptors.Length; index++)
        {
            if (!pendingIsSet)
            {
                try
                {
                    pending = _chain.Interceptors[index].BeforeAsync(_context, _cancellation.Token);
                }
                catch (Exception exception)
                {
                    pending = new ValueTask<Verdict>(OnFailure(index, exception));
                }
            }

            pendingIsSet = false;
            Verdict verdict = pending.IsCompletedSuccessfully ? pending.Result : await AwaitAsync(index, pending, _caller).ConfigureAwait(false);
            if (!Take(index, verdict))
            {
                return;
            }
        }
    }

    /// <summary>Waits for a verdict as long as there is time. What does not come in time keeps its context for itself: this operation is never pooled again.</summary>
    private async ValueTask<Verdict> AwaitAsync(int index, ValueTask<Verdict> pending, CancellationToken caller)
    {
        Task<Verdict> task = pending.AsTask();
        try
        {
            TimeSpan left = _chain.Options.EvaluationTimeout - _chain.Clock.Between(_started, _chain.Clock.Now());
            return await task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _chain.Clock.Provider, caller).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (task.IsCompleted)
            {
                return OnFailure(index, exception);
            }

            _poisoned = true;
            Unobserved.Ignore(task);
            await CancelAsync(_cancellation, _chain.Interceptors[index].Name).ConfigureAwait(false);
            if (exception is TimeoutException)
            {
                GovernanceLog.InterceptorTimedOut(_chain.Logger, _chain.Interceptors[index].Name, _chain.Options.EvaluationTimeout);
                return Verdict.Deny(ReasonCodes.InterceptorTimeout);
            }

            throw;
        }
    }

    /// <summary>Tells a late interceptor to stop. That its callbacks throw changes nothing.</summary>
    private async ValueTask CancelAsync(CancellationTokenSource cancellation, string interceptor)
    {
        try
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            GovernanceLog.InterceptorFailed(_chain.Logger, interceptor, exception);
        }
    }

    /// <summary>Something after the policy stage changed the arguments: the policy has to see them. If they change once more, nothing is allowed.</summary>
    private async ValueTask RepeatFromPolicyAsync()
    {
        _changedAfterPolicy = false;
        KeepTransforms();

        // The first pass came to nothing: what was reserved in it is given back before it is reserved again.
        await RunAfterAsync(new Outcome(OutcomeStatus.Denied), _entered - 1, default, pendingIsSet: false, _chain.PolicyStart).ConfigureAwait(false);
        _entered = Math.Min(_entered, _chain.PolicyStart);
        await PassAsync(_chain.PolicyStart, default, pendingIsSet: false).ConfigureAwait(false);
        if (_changedAfterPolicy && _outcome < VerdictOutcome.Deny)
        {
            Contribute("governance", Verdict.Deny(ReasonCodes.TransformUnstable));
        }
    }

    /// <summary>Of the first pass only what changed the arguments counts on; the second pass judges anew.</summary>
    private void KeepTransforms()
    {
        int kept = 0;
        _outcome = VerdictOutcome.Allow;
        for (int i = 0; i < _contributionCount; i++)
        {
            Contribution contribution = _contributions[i];
            if (StageOf(contribution.Interceptor) >= InterceptorStage.Policy)
            {
                if (contribution.Verdict.Detail is not { Patches.Count: > 0 } detail)
                {
                    continue;
                }

                contribution = contribution with { Verdict = new Verdict(VerdictOutcome.Allow, detail) };
            }

            _contributions[kept++] = contribution;
            _outcome = (VerdictOutcome)Math.Max((byte)_outcome, (byte)contribution.Verdict.Outcome);
        }

        Array.Clear(_contributions, kept, _contributionCount - kept);
        _contributionCount = kept;
    }

    private InterceptorStage StageOf(string name)
    {
        foreach (IInterceptor interceptor in _chain.Interceptors)
        {
            if (ReferenceEquals(interceptor.Name, name) || interceptor.Name == name)
            {
                return interceptor.Stage;
            }
        }

        return InterceptorStage.Containment;
    }

    /// <summary>Asks a person, then makes sure that nothing has changed meanwhile.</summary>
    private async ValueTask ApproveAsync()
    {
        ApprovalResult result = await AskAsync(_context.Payload).ConfigureAwait(false);
        if (!result.IsApproved)
        {
            Contribute(ApprovalName, Refusal(result));
            return;
        }

        SettleEscalations(result);
        GovernanceSession session = _action!.Session;
        if (_chain.Signals.MustWait(session) && !await WaitWhileStoppedAsync(session).ConfigureAwait(false))
        {
            Contribute("governance", Verdict.Deny(ReasonCodes.CapacityExceeded));
        }
        else if (session.IsClosed)
        {
            Contribute("governance", Verdict.Deny(ReasonCodes.SessionClosed));
        }
        else if (IsExpired(session, _chain.Clock.Now()))
        {
            Contribute("governance", Verdict.Deny(ReasonCodes.SessionExpired));
        }
        else
        {
            _started = _chain.Clock.Now();
            await RevalidateAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> WaitWhileStoppedAsync(GovernanceSession session)
    {
        try
        {
            return await _chain.Signals.WaitAsync(session, _caller).ConfigureAwait(false);
        }
        finally
        {
            _chain.Signals.ReleaseNext();
        }
    }

    private async ValueTask<ApprovalResult> AskAsync(GovernedValue subject)
    {
        Contribution[] escalations = [.. _contributions.Take(_contributionCount).Where(c => c.Verdict.Outcome == VerdictOutcome.Escalate)];
        _chain.Raise(GovernanceEventKind.ApprovalRequested, _action!, null);
        ApprovalResult result = await _chain.Approvals.AskAsync(_context, subject, escalations, _caller).ConfigureAwait(false);
        _approver = result.Approver;
        _chain.Raise(GovernanceEventKind.ApprovalResolved, _action!, null);
        return result;
    }

    private static Verdict Refusal(ApprovalResult result) =>
        Verdict.Deny(result.Reason, result.Approver is null ? null : "Answered by " + result.Approver + ".");

    /// <summary>What was waiting for a person now has that person's word.</summary>
    private void SettleEscalations(ApprovalResult result)
    {
        _outcome = VerdictOutcome.Allow;
        for (int i = 0; i < _contributionCount; i++)
        {
            VerdictOutcome outcome = _contributions[i].Verdict.Outcome;
            if (outcome != VerdictOutcome.Escalate && outcome > _outcome)
            {
                _outcome = outcome;
            }
        }

        Contribute(ApprovalName, new Verdict(VerdictOutcome.Warn, new VerdictDetail(ReasonCodes.Approved) { Explanation = "Approved by " + result.Approver + "." }));
    }

    private async ValueTask RevalidateAsync()
    {
        for (int i = 0; i < _chain.Interceptors.Length; i++)
        {
            ValueTask<Verdict> pending;
            try
            {
                pending = _chain.Interceptors[i].RevalidateAsync(_context, _cancellation.Token);
            }
            catch (Exception exception)
            {
                pending = new ValueTask<Verdict>(OnFailure(i, exception));
            }

            Verdict verdict = pending.IsCompletedSuccessfully ? pending.Result : await AwaitAsync(i, pending, _caller).ConfigureAwait(false);
            if (!verdict.IsValid)
            {
                GovernanceLog.InvalidVerdict(_chain.Logger, _chain.Interceptors[i].Name);
                verdict = Verdict.Deny(ReasonCodes.InterceptorInvalidVerdict);
            }

            if (verdict.Outcome == VerdictOutcome.Deny)
            {
                Contribute(_chain.Interceptors[i].Name, verdict);
                return;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<GovernedOperation> AllowWhenRecordedAsync(ValueTask appended)
    {
        try
        {
            await appended.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            GovernanceLog.DecisionLogFailed(_chain.Logger, exception);
            if (!IsEnforced)
            {
                return Allow();
            }

            Contribute("audit", Verdict.Deny(ReasonCodes.AuditUnavailable));
            _decision = Compose();
            return await DenyAsync().ConfigureAwait(false);
        }

        return Allow();
    }

    private async ValueTask ObserveRecordAsync(ValueTask appended)
    {
        try
        {
            await appended.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // It is a deny already; that the record is missing is all there is left to say.
            GovernanceLog.DecisionLogFailed(_chain.Logger, exception);
        }
    }

    /// <summary>Ends an operation whose effect does not run: it was denied, or only rehearsed.</summary>
    private async ValueTask<GovernedOperation> DenyAsync()
    {
        GovernedAction action = _action!;
        Decision decision = _decision!;
        await _callerLink.DisposeAsync().ConfigureAwait(false);
        _callerLink = default;
        if (_reserved)
        {
            action.Session.Return(action.Template.Point);
            _reserved = false;
        }

        if (_cancellation.IsCancellationRequested)
        {
            // What was reserved must be given back, although the caller gave up or time was up.
            _cancellation = new CancellationTokenSource();
        }

        await RunAfterAsync(new Outcome(OutcomeStatus.Denied), _entered - 1, default, pendingIsSet: false).ConfigureAwait(false);
        _decision = decision;
        _chain.Telemetry.Decided(_activity, action, decision, _id);
        if (!decision.IsAllowed)
        {
            Announce(action, decision);
        }

        Move(State.Denied);
        if (_cancelled)
        {
            CancellationToken caller = _caller;
            await DisposeAsync(Generation).ConfigureAwait(false);
            throw new OperationCanceledException(caller);
        }

        return new GovernedOperation(this, Generation);
    }

    private void LogDenied(Decision decision)
    {
        ActionTemplate template = _action!.Template;
        if (decision.IsEnforced)
        {
            GovernanceLog.Denied(_chain.Logger, template.Operation, template.Tool?.Name, template.Principal.Agent.Value, decision.Reason.Code, decision.Detail.Rule, _id);
        }
        else
        {
            GovernanceLog.WouldDeny(_chain.Logger, template.Operation, template.Tool?.Name, template.Principal.Agent.Value, decision.Reason.Code, decision.Detail.Rule, _id);
        }
    }

    private void Announce(GovernedAction action, Decision decision)
    {
        LogDenied(decision);
        if (_chain.HasObservers)
        {
            bool blocked = action.Template.Point == InterventionPoint.PreToolCall && decision.Reason.Category is
                DenialCategory.RuleDenied or DenialCategory.NotAllowedTool or DenialCategory.BlockedTool or DenialCategory.BlockedContent
                    or DenialCategory.ClassificationDenied;
            GovernanceEventKind kind = decision.Reason == ReasonCodes.BypassDetected ? GovernanceEventKind.BypassDetected
                : action.IsRehearsal && decision.Reason == ReasonCodes.ApprovalRequired ? GovernanceEventKind.ApprovalRequested
                : blocked ? GovernanceEventKind.ToolCallBlocked
                : GovernanceEventKind.PolicyViolation;
            _chain.Raise(kind, action, decision);
        }
    }
}
