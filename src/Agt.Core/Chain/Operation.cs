using System.Diagnostics;
using Agt.Audit;
using Agt.Events;
using Agt.Values;

namespace Agt.Chain;

/// <summary>
/// One action on its way through the chain: the before phase. Pooled. What completes synchronously takes no lock and allocates nothing; the rest goes through
/// <see cref="DecideAsync"/>.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Pooled; a token source without timer or handle needs no disposal.")]
internal sealed partial class Operation : IOperation
{
    private const int StateBits = 3;
    private readonly InterceptorChain _chain;
    private readonly OperationContext _context;
    private Contribution[] _contributions = new Contribution[8];
    private CancellationTokenSource _cancellation = new();
    private CancellationTokenSource? _effect;
    private CancellationTokenRegistration _callerLink;
    private GovernedAction? _action;
    private Decision? _decision;
    private Activity? _activity;
    private CancellationToken _caller;
    private string? _approver;
    private DecisionId _id;
    private long _phase = 1L << StateBits;
    private long _settling;
    private long _started;
    private int _contributionCount;
    private int _entered;
    private VerdictOutcome _outcome;
    private bool _reserved;
    private bool _changed;
    private bool _changedAfterPolicy;
    private bool _cancelled;
    private bool _poisoned;
    private bool _measured;
    private bool _policyFailed;
    private bool _inSession;
    private bool _idle;
    private bool _holds;

    internal Operation(InterceptorChain chain)
    {
        _chain = chain;
        _context = new OperationContext { Limits = chain.Options.PayloadLimits };
    }

    /// <summary>Kept in one word with the generation, so that of all who hold a handle exactly one settles the operation and exactly one ends it.</summary>
    private enum State : byte
    {
        Idle,
        Deciding,
        Allowed,
        Denied,
        Settling,
        Settled,
    }

    public long Generation => Volatile.Read(ref _phase) >> StateBits;

    public Decision Decision => _decision!;

    public DecisionId DecisionId => _id;

    public GovernedValue Payload => _context.Payload;

    public bool IsPayloadChanged => _changed;

    public GovernedAction Action => _action!;

    public CancellationToken Cancellation
    {
        get
        {
            CancellationToken session = _action!.Session.Cancellation;
            if (!_caller.CanBeCanceled)
            {
                return session;
            }

            _effect ??= CancellationTokenSource.CreateLinkedTokenSource(_caller, session);
            return _effect.Token;
        }
    }

    /// <summary>Decides.</summary>
    /// <param name="action">The action.</param>
    /// <param name="refusal">Why it is refused before anybody is asked, or null.</param>
    /// <param name="cancellationToken">The caller's.</param>
    internal ValueTask<GovernedOperation> AuthorizeAsync(GovernedAction action, ReasonCode? refusal, CancellationToken cancellationToken)
    {
        Begin(action, cancellationToken);
        if (Refuses(ref refusal))
        {
            Contribute("governance", Verdict.Deny(refusal));
            return DecideAsync(0, default, pendingIsSet: false);
        }

        CancellationToken token = _cancellation.Token;
        IInterceptor[] interceptors = _chain.Interceptors;
        for (int i = 0; i < interceptors.Length; i++)
        {
            ValueTask<Verdict> pending;
            try
            {
                pending = interceptors[i].BeforeAsync(_context, token);
            }
            catch (Exception exception)
            {
                pending = new ValueTask<Verdict>(OnFailure(i, exception));
            }

            if (!pending.IsCompletedSuccessfully)
            {
                return DecideAsync(i, pending, pendingIsSet: true);
            }

            if (!Take(i, pending.Result))
            {
                break;
            }
        }

        if (_outcome > VerdictOutcome.Warn || _changedAfterPolicy || (_changed && _chain.EvaluatesOnly) || action.IsRehearsal || _caller.IsCancellationRequested || IsLate() || IsKilled())
        {
            return DecideAsync(interceptors.Length, default, pendingIsSet: false);
        }

        ValueTask appended = Record(Compose());
        return appended.IsCompletedSuccessfully ? new ValueTask<GovernedOperation>(Allow()) : AllowWhenRecordedAsync(appended);
    }

    private void Begin(GovernedAction action, CancellationToken cancellationToken)
    {
        _action = action;
        _caller = cancellationToken;
        Move(State.Deciding);
        _started = _chain.Clock.Now();
        if (action.Template.Point != InterventionPoint.AgentStartup)
        {
            _idle = _chain.Sessions.IsIdle(action.Session, _started);
            action.Session.Enter(_started);
            _inSession = true;
        }

        action.Stamp(_chain.Clock.ToUtc(_started));
        _context.Begin(action, PolicyOf(action.Session));
        _id = _chain.NextId();
        _activity = _chain.Telemetry.Start(action);
        if (_chain.HasObservers)
        {
            _chain.Raise(GovernanceEventKind.PolicyCheck, action, null);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _callerLink = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _cancellation);
        }
    }

    /// <summary>The policy in force; none, and so a denial where one is required, if the source fails.</summary>
    private IPolicySnapshot? PolicyOf(GovernanceSession session)
    {
        try
        {
            return session.Policy;
        }
        catch (Exception exception)
        {
            GovernanceLog.PolicySourceFailed(_chain.Logger, exception);
            _policyFailed = true;
            return null;
        }
    }

    /// <summary>What the chain itself checks before anybody is asked; takes the budget last, so that nothing refused here uses any.</summary>
    private bool Refuses([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] ref ReasonCode? refusal)
    {
        GovernedAction action = _action!;
        GovernanceSession session = action.Session;
        _holds = true;
        if (_caller.IsCancellationRequested)
        {
            _cancelled = true;
            refusal = ReasonCodes.Cancelled;
        }
        else if (IsKilled())
        {
            refusal = ReasonCodes.Killed;
        }
        else if (refusal is not null)
        {
            return true;
        }
        else if (action.Refusal is { } unreadable)
        {
            refusal = unreadable;
        }
        else if (session.IsClosed)
        {
            refusal = ReasonCodes.SessionClosed;
        }
        else if (!ReferenceEquals(session.Principal, action.Template.Principal) && session.Principal != action.Template.Principal)
        {
            refusal = ReasonCodes.PrincipalMismatch;
        }
        else if (action.Parent is not null && action.Depth > _chain.Options.MaxNesting)
        {
            refusal = ReasonCodes.NestingTooDeep;
        }
        else if (_idle || IsExpired(session, _started))
        {
            refusal = ReasonCodes.SessionExpired;
        }
        else if (_policyFailed || (_context.Policy is null && _chain.Options.RequirePolicy))
        {
            _holds = false;
            refusal = ReasonCodes.PolicyMissing;
        }
        else if (action.Template.Point == InterventionPoint.PreModelCall && AsksForTooMuch(action.Payload, session.Limits.MaxTokens))
        {
            _holds = false;
            refusal = ReasonCodes.MaxTokens;
        }
        else if (session.TryReserve(action.Template.Point, out ReasonCode exhausted))
        {
            _holds = false;
            _reserved = true;
        }
        else
        {
            _holds = false;
            refusal = exhausted;
        }

        return refusal is not null;
    }

    /// <summary>Whether a request to a model allows a longer answer than its session may ever use (spec 08, ADP-068).</summary>
    private static bool AsksForTooMuch(GovernedValue request, long? most) =>
        most is { } limit && request.Kind == ValueKind.Map && request.TryGetMember("max_output_tokens", out GovernedValue asked) && asked.TryGetInt64(out long tokens) && tokens > limit;

    private bool IsKilled() => _chain.Signals.IsArmed && _chain.Signals.IsKilled(_action!.Session);

    private bool IsExpired(GovernanceSession session, long now) =>
        session.Limits.Duration is { } most && _chain.Clock.Between(session.StartedAt, now) > most;

    /// <summary>Takes in one verdict of the before phase.</summary>
    /// <returns>Whether to go on.</returns>
    private bool Take(int index, Verdict verdict)
    {
        if (verdict.IsPlainAllow)
        {
            _entered = Math.Max(_entered, index + 1);
            return true;
        }

        IInterceptor interceptor = _chain.Interceptors[index];
        if (!verdict.IsValid)
        {
            GovernanceLog.InvalidVerdict(_chain.Logger, interceptor.Name);
            verdict = Verdict.Deny(ReasonCodes.InterceptorInvalidVerdict);
        }

        if (verdict.Outcome != VerdictOutcome.Deny && verdict.Detail!.Patches.Count > 0)
        {
            verdict = Transform(index, interceptor, verdict);
        }

        Contribute(interceptor.Name, verdict);
        if (verdict.Outcome == VerdictOutcome.Deny)
        {
            return false;
        }

        _entered = Math.Max(_entered, index + 1);
        return true;
    }

    private Verdict Transform(int index, IInterceptor interceptor, Verdict verdict)
    {
        try
        {
            ValueArena arena = _action!.Arena ?? _action.AttachArena(new ValueArena(_chain.Options.PayloadLimits));
            GovernedValue before = _context.Payload;
            GovernedValue payload = before;
            foreach (Patch patch in verdict.Detail!.Patches)
            {
                if (patch.Path.IsOutput)
                {
                    throw new PayloadException(ReasonCodes.TransformTargetForbidden, "There is no output before the action.");
                }

                payload = Transforms.PatchApplier.Apply(arena, payload, patch);
            }

            if (!Transforms.PatchApplier.Same(before, payload))
            {
                _context.Payload = payload;
                _changed = true;

                // Also what a second policy changes: the first one has not seen it.
                _changedAfterPolicy |= interceptor.Stage > InterceptorStage.Policy || (_chain.PolicyStart >= 0 && index > _chain.PolicyStart);
            }

            return verdict;
        }
        catch (Exception exception)
        {
            return OnFailure(exception, interceptor.Name);
        }
    }

    private void Contribute(string name, Verdict verdict)
    {
        if (_contributionCount == _contributions.Length)
        {
            Array.Resize(ref _contributions, _contributionCount * 2);
        }

        _contributions[_contributionCount++] = new Contribution(name, verdict);
        if (verdict.Outcome > _outcome)
        {
            _outcome = verdict.Outcome;
        }
    }

    private Verdict OnFailure(int index, Exception exception)
    {
        string name = _chain.Interceptors[index].Name;
        if (exception is OperationCanceledException && _caller.IsCancellationRequested)
        {
            _cancelled = true;
            return Verdict.Deny(ReasonCodes.Cancelled);
        }

        if (_chain.FailsOpen(index))
        {
            GovernanceLog.InterceptorFailedOpen(_chain.Logger, name, exception);
            return Verdict.Warn(ReasonCodes.InterceptorFailed, "Failed, and the host lets it fail open.");
        }

        return OnFailure(exception, name);
    }

    private Verdict OnFailure(Exception exception, string name)
    {
        GovernanceLog.InterceptorFailed(_chain.Logger, name, exception);
        return Verdict.Deny((exception as PayloadException)?.Reason ?? ReasonCodes.InterceptorFailed);
    }

    /// <summary>Whether deciding took too long; measures it, once.</summary>
    private bool IsLate()
    {
        long now = _chain.Clock.Now();
        if (_chain.Telemetry.MeasuresDuration && !_measured)
        {
            _measured = true;
            _chain.Telemetry.RecordDuration(_chain.Clock.Between(_started, now));
        }

        return now - _started > _chain.EvaluationUnits;
    }

    /// <summary>Whether what is decided holds; always where it is no verdict but a fact.</summary>
    private bool IsEnforced => _holds || !_chain.EvaluatesOnly;

    /// <summary>Makes the decision out of the contributions; a shared one where there are none, or one that was given before.</summary>
    private Decision Compose()
    {
        IPolicySnapshot? policy = _context.Policy;
        if (_contributionCount == 0)
        {
            return _chain.PlainAllow(policy);
        }

        Contribution first = _contributions[0];
        if (_contributionCount == 1)
        {
            VerdictDetail detail = first.Verdict.Detail!;
            Decision? known = detail.Alone;
            if (known is null || !ReferenceEquals(known.Snapshot, policy) || known.Outcome != first.Verdict.Outcome ||
                known.IsEnforced != IsEnforced || !ReferenceEquals(known.Contributions[0].Interceptor, first.Interceptor))
            {
                known = new Decision(first.Verdict.Outcome, detail, [first], policy, IsEnforced);
                detail.Alone = known;
            }

            return known;
        }

        return new Decision(_outcome, _contributions[Deciding()].Verdict.Detail!, _contributions[.._contributionCount], policy, IsEnforced);
    }

    /// <summary>The first contribution of the final outcome; a person's approval before any other.</summary>
    private int Deciding()
    {
        int deciding = 0;
        for (int i = _contributionCount - 1; i >= 0; i--)
        {
            if (_contributions[i].Verdict.Outcome != _outcome)
            {
                continue;
            }

            deciding = i;
            if (_contributions[i].Interceptor == ApprovalName)
            {
                break;
            }
        }

        return deciding;
    }

    private ValueTask Record(Decision decision)
    {
        _decision = decision;
        var record = new DecisionRecord(_id, _action!.Timestamp, _action, decision, _context.Payload, _approver);
        try
        {
            return _chain.Log.AppendAsync(in record, CancellationToken.None);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private GovernedOperation Allow()
    {
        _callerLink.Dispose();
        _callerLink = default;
        _chain.Telemetry.Decided(_activity, _action!, _decision!, _id);
        Move(State.Allowed);
        return new GovernedOperation(this, Generation);
    }

    private static long PhaseOf(long generation, State state) => (generation << StateBits) | (byte)state;

    /// <summary>The next state, while nobody else holds a handle.</summary>
    private void Move(State state) => Volatile.Write(ref _phase, PhaseOf(Generation, state));

    private bool TryMove(long generation, State from, long nextGeneration, State to) =>
        Interlocked.CompareExchange(ref _phase, PhaseOf(nextGeneration, to), PhaseOf(generation, from)) == PhaseOf(generation, from);
}
