using System.Runtime.CompilerServices;
using Agt.Approvals;
using Agt.Audit;
using Agt.Events;
using Agt.Transforms;
using Agt.Values;

namespace Agt.Chain;

/// <content>The after phase, and the end.</content>
internal sealed partial class Operation
{
    public ValueTask<GovernedResult<TResult>> CompleteAsync<TResult>(long generation, TResult result, ResultCodec codec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(codec);
        Settle(generation, cancellationToken);
        _context.Point = _action!.Template.Point.ResultPoint();
        _context.SetResult(result, codec);
        var outcome = new Outcome(OutcomeStatus.Completed);
        CancellationToken token = _cancellation.Token;
        for (int i = _entered - 1; i >= 0; i--)
        {
            ValueTask<Verdict> pending;
            try
            {
                pending = _chain.Interceptors[i].AfterAsync(_context, outcome, token);
            }
            catch (Exception exception)
            {
                pending = new ValueTask<Verdict>(OnAfterFailure(i, exception));
            }

            if (!pending.IsCompletedSuccessfully)
            {
                return CompleteSlowAsync<TResult>(result, i, pending, pendingIsSet: true);
            }

            TakeAfter(i, pending.Result);
        }

        WithholdIfKilled();
        if ((_outcome == VerdictOutcome.Escalate || _changed) && IsEnforced)
        {
            return CompleteSlowAsync(result, -1, default, pendingIsSet: false);
        }

        Decision decision = Compose();
        ValueTask appended = RecordOutcome(OutcomeStatus.Completed, decision);
        return appended.IsCompletedSuccessfully
            ? new ValueTask<GovernedResult<TResult>>(Deliver(decision, result))
            : DeliverWhenRecordedAsync(appended, decision, result);
    }

    public async ValueTask FailAsync(long generation, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Settle(generation, CancellationToken.None);
        try
        {
            await EndWithoutResultAsync(new Outcome(exception is OperationCanceledException ? OutcomeStatus.Cancelled : OutcomeStatus.Failed, exception)).ConfigureAwait(false);
        }
        finally
        {
            Settled();
        }
    }

    public ValueTask DisposeAsync(long generation)
    {
        while (true)
        {
            long phase = Volatile.Read(ref _phase);
            if (phase >> StateBits != generation)
            {
                return default;
            }

            var state = (State)(phase & ((1 << StateBits) - 1));
            if (!TryMove(generation, state, generation + 1, state is State.Allowed or State.Settling ? State.Settling : State.Idle))
            {
                continue;
            }

            switch (state)
            {
                case State.Allowed:
                    return AbandonAsync();
                case State.Settling:
                    // Somebody is still telling the interceptors; who does that ends the operation.
                    return default;
                default:
                    End();
                    return default;
            }
        }
    }

    private async ValueTask AbandonAsync()
    {
        Restart(CancellationToken.None);
        try
        {
            await EndWithoutResultAsync(new Outcome(OutcomeStatus.Abandoned)).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    /// <summary>An effect that could not be cancelled, or did not care, gives nothing to an agent that is killed.</summary>
    private void WithholdIfKilled()
    {
        if (MayStillRun && IsKilled())
        {
            _holds = true;
            Contribute("governance", Verdict.Deny(ReasonCodes.Killed));
        }
    }

    /// <summary>From the first word on what became of the action there is no second.</summary>
    private void Settle(long generation, CancellationToken cancellationToken)
    {
        if (!TryMove(generation, State.Allowed, generation, State.Settling))
        {
            long phase = Volatile.Read(ref _phase);
            ObjectDisposedException.ThrowIf(phase >> StateBits != generation, typeof(GovernedOperation));
            throw new InvalidOperationException(phase == PhaseOf(generation, State.Denied)
                ? "The operation was denied; its effect must not run, so it cannot complete or fail."
                : "The operation is already settled.");
        }

        _settling = generation;
        Restart(cancellationToken);
    }

    /// <summary>Everybody was told. Ends the operation if it was disposed meanwhile.</summary>
    private void Settled()
    {
        if (!TryMove(_settling, State.Settling, _settling, State.Settled))
        {
            End();
        }
    }

    /// <summary>Clears what belonged to the before phase. The caller's cancellation no longer reaches interceptors: what was reserved must be settled.</summary>
    private void Restart(CancellationToken cancellationToken)
    {
        Array.Clear(_contributions, 0, _contributionCount);
        _contributionCount = 0;
        _outcome = VerdictOutcome.Allow;
        _changed = false;
        _holds = false;
        _caller = cancellationToken;
        _started = _chain.Clock.Now();
        if (_cancellation.IsCancellationRequested)
        {
            _cancellation = new CancellationTokenSource();
        }
    }

    private void TakeAfter(int index, Verdict verdict)
    {
        if (verdict.IsPlainAllow)
        {
            return;
        }

        IInterceptor interceptor = _chain.Interceptors[index];
        if (!verdict.IsValid)
        {
            GovernanceLog.InvalidVerdict(_chain.Logger, interceptor.Name);
            verdict = Verdict.Deny(ReasonCodes.InterceptorInvalidVerdict);
        }

        if (verdict.Outcome != VerdictOutcome.Deny && _outcome != VerdictOutcome.Deny && verdict.Detail!.Patches.Count > 0)
        {
            verdict = TransformOutput(interceptor, verdict);
        }

        Contribute(interceptor.Name, verdict);
    }

    private Verdict TransformOutput(IInterceptor interceptor, Verdict verdict)
    {
        try
        {
            GovernedValue before = _context.Output;
            GovernedValue output = before;
            foreach (Patch patch in verdict.Detail!.Patches)
            {
                if (!patch.Path.IsOutput)
                {
                    throw new PayloadException(ReasonCodes.TransformTargetForbidden, "The arguments cannot change after the action.");
                }

                output = PatchApplier.Apply(_action!.Arena ?? _action.AttachArena(new ValueArena(_chain.Options.PayloadLimits)), output, patch);
            }

            if (!PatchApplier.Same(before, output))
            {
                _context.Output = output;
                _changed = true;
            }

            return verdict;
        }
        catch (Exception exception)
        {
            return OnFailure(exception, interceptor.Name);
        }
    }

    private Verdict OnAfterFailure(int index, Exception exception)
    {
        string name = _chain.Interceptors[index].Name;
        GovernanceLog.AfterFailed(_chain.Logger, name, exception);
        return _chain.FailsOpen(index)
            ? Verdict.Warn(ReasonCodes.InterceptorFailed, "Failed, and the host lets it fail open.")
            : Verdict.Deny((exception as PayloadException)?.Reason ?? ReasonCodes.InterceptorFailed);
    }

    /// <summary>Runs the after phase from one interceptor down to the last. Every one of them is told, whatever the others say.</summary>
    private async ValueTask RunAfterAsync(Outcome outcome, int index, ValueTask<Verdict> pending, bool pendingIsSet, int last = 0)
    {
        for (; index >= last; index--)
        {
            Verdict verdict;
            try
            {
                if (!pendingIsSet)
                {
                    pending = _chain.Interceptors[index].AfterAsync(_context, outcome, _cancellation.Token);
                }

                pendingIsSet = false;
                verdict = pending.IsCompletedSuccessfully ? pending.Result : await AwaitAfterAsync(index, pending).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                pendingIsSet = false;
                verdict = OnAfterFailure(index, exception);
            }

            if (outcome.Status == OutcomeStatus.Completed)
            {
                TakeAfter(index, verdict);
            }
        }
    }

    private async ValueTask<Verdict> AwaitAfterAsync(int index, ValueTask<Verdict> pending)
    {
        Task<Verdict> task = pending.AsTask();
        try
        {
            return await task.WaitAsync(_chain.Options.EvaluationTimeout, _chain.Clock.Provider).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            _poisoned = true;
            Unobserved.Ignore(task);
            CancellationTokenSource late = _cancellation;
            _cancellation = new CancellationTokenSource();
            await CancelAsync(late, _chain.Interceptors[index].Name).ConfigureAwait(false);
            GovernanceLog.InterceptorTimedOut(_chain.Logger, _chain.Interceptors[index].Name, _chain.Options.EvaluationTimeout);
            return Verdict.Deny(ReasonCodes.InterceptorTimeout);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<GovernedResult<TResult>> CompleteSlowAsync<TResult>(TResult result, int index, ValueTask<Verdict> pending, bool pendingIsSet)
    {
        await RunAfterAsync(new Outcome(OutcomeStatus.Completed), index, pending, pendingIsSet).ConfigureAwait(false);
        WithholdIfKilled();
        OperationCanceledException? gaveUp = null;
        if (_outcome == VerdictOutcome.Escalate && IsEnforced)
        {
            try
            {
                ApprovalResult approval = await AskAsync(_context.Output).ConfigureAwait(false);
                if (approval.IsApproved)
                {
                    SettleEscalations(approval);
                    if (!_changed && !ValueComparer.Exact.Equals(_context.Output, _context.Recapture()))
                    {
                        Contribute("governance", Verdict.Deny(ReasonCodes.ApprovalActionMismatch));
                    }
                }
                else
                {
                    Contribute(ApprovalName, Refusal(approval));
                }
            }
            catch (OperationCanceledException exception) when (_caller.IsCancellationRequested)
            {
                gaveUp = exception;
                Contribute("governance", Verdict.Deny(ReasonCodes.Cancelled));
            }
            catch (Exception exception)
            {
                Contribute("governance", OnFailure(exception, "governance"));
            }
        }

        if (_outcome < VerdictOutcome.Deny && _changed && IsEnforced)
        {
            try
            {
                result = (TResult)_context.Codec!.Replace(result, _context.Output)!;
            }
            catch (Exception exception)
            {
                GovernanceLog.ResultNotRebuilt(_chain.Logger, exception);
                Contribute("governance", Verdict.Deny((exception as PayloadException)?.Reason ?? ReasonCodes.TransformInvalid));
            }
        }

        Decision decision = Compose();
        GovernedResult<TResult> delivered = await DeliverWhenRecordedAsync(RecordOutcome(OutcomeStatus.Completed, decision), decision, result).ConfigureAwait(false);
        return gaveUp is null ? delivered : throw new OperationCanceledException(gaveUp.Message, gaveUp, gaveUp.CancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<GovernedResult<TResult>> DeliverWhenRecordedAsync<TResult>(ValueTask appended, Decision decision, TResult result)
    {
        try
        {
            await appended.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            GovernanceLog.DecisionLogFailed(_chain.Logger, exception);
            if (IsEnforced)
            {
                Contribute("audit", Verdict.Deny(ReasonCodes.AuditUnavailable));
                decision = Compose();
            }
        }

        return Deliver(decision, result);
    }

    private GovernedResult<TResult> Deliver<TResult>(Decision decision, TResult result)
    {
        if (_chain.HasObservers)
        {
            if (!decision.IsAllowed)
            {
                _chain.Raise(GovernanceEventKind.PolicyViolation, _action!, decision, OutcomeStatus.Completed);
            }

            _chain.Raise(GovernanceEventKind.OperationCompleted, _action!, decision, OutcomeStatus.Completed);
        }

        if (!decision.IsAllowed)
        {
            _chain.Telemetry.Decided(_activity, _action!, decision, _id);
            LogDenied(decision);
            if (!decision.IsEnforced)
            {
                decision = _chain.PlainAllow(_context.Policy);
            }
        }

        var delivered = new GovernedResult<TResult>(
            decision.IsAllowed ? _decision! : decision, decision, decision.IsAllowed ? result : default, Executed: true, _id);
        Settled();
        return delivered;
    }

    private async ValueTask EndWithoutResultAsync(Outcome outcome)
    {
        await RunAfterAsync(outcome, _entered - 1, default, pendingIsSet: false).ConfigureAwait(false);
        await ObserveRecordAsync(RecordOutcome(outcome.Status, null)).ConfigureAwait(false);
        _chain.Raise(GovernanceEventKind.OperationCompleted, _action!, null, outcome.Status);
    }

    private ValueTask RecordOutcome(OutcomeStatus status, Decision? decision)
    {
        var record = new OutcomeRecord(_id, _chain.Clock.ToUtc(_started), _action!, status, decision);
        try
        {
            return _chain.Log.AppendAsync(in record, CancellationToken.None);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private void End()
    {
        _callerLink.Dispose();
        _callerLink = default;
        if (_activity is not null)
        {
            _chain.Telemetry.Stop(_activity);
            _activity = null;
        }

        if (_effect is not null)
        {
            _effect.Dispose();
            _effect = null;
        }

        if (_inSession)
        {
            _inSession = false;
            _action!.Session.Leave(_started);
        }

        if (_poisoned)
        {
            // Somebody who was too late may still read it: the memory is left to the garbage collector.
            _action!.AbandonPayload();
        }
        else
        {
            _action!.ReleasePayload();
        }

        _action = null;
        _decision = null;
        _approver = null;
        _caller = default;
        if (_contributionCount > 0)
        {
            Array.Clear(_contributions, 0, _contributionCount);
            _contributionCount = 0;
        }

        _context.End();
        _outcome = VerdictOutcome.Allow;
        _entered = 0;
        _reserved = false;
        _changed = false;
        _changedAfterPolicy = false;
        _cancelled = false;
        _measured = false;
        _policyFailed = false;
        _idle = false;
        _holds = false;
        Move(State.Idle);
        if (_poisoned)
        {
            return;
        }

        // Also forgets callbacks that an interceptor left behind: they would fire when another action is cancelled.
        if (!_cancellation.TryReset())
        {
            _cancellation.Dispose();
            _cancellation = new CancellationTokenSource();
        }

        _chain.Return(this);
    }
}
