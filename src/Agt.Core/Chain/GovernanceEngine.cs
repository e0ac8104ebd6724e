using System.Runtime.CompilerServices;
using Agt.Sessions;
using Agt.Values;

namespace Agt.Chain;

/// <summary>The one entry point, over the chain.</summary>
internal sealed class GovernanceEngine : IGovernance
{
    private static readonly GovernedValue Nothing = GovernedValue.Null;
    private readonly InterceptorChain _chain;
    private readonly IPolicySource? _policies;
    private readonly ValueArenaPool _arenas;
    private readonly ConditionalWeakTable<Principal, ActionTemplate> _startups = [];
    private readonly ISessionResolver? _resolver;

    internal GovernanceEngine(InterceptorChain chain, IPolicySource? policies, ISessionResolver? resolver = null)
    {
        _resolver = resolver;
        _chain = chain;
        _policies = policies;
        _arenas = new ValueArenaPool(chain.Options.PayloadLimits);
    }

    /// <summary>The session that the host says a call belongs to; null if it has no word on that.</summary>
    /// <exception cref="GovernanceDeniedException">The resolver failed, or found a session of somebody else.</exception>
    internal async ValueTask<GovernanceSession?> ResolveAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (_resolver is null)
        {
            return null;
        }

        GovernanceSession? found;
        try
        {
            found = await _resolver.ResolveAsync(principal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            GovernanceLog.SessionResolverFailed(_chain.Logger, exception);
            throw Refused(ReasonCodes.InterceptorFailed, _policies?.Current);
        }

        return found is null || principal.IsSatisfiedBy(found.Principal) ? found : throw Refused(ReasonCodes.PrincipalMismatch, _policies?.Current);
    }

    private GovernanceDeniedException Refused(ReasonCode reason, IPolicySnapshot? policy)
    {
        Verdict verdict = Verdict.Deny(reason);
        return new GovernanceDeniedException(new Decision(VerdictOutcome.Deny, verdict.Detail!, [new Contribution("governance", verdict)], policy), _chain.NextId());
    }

    /// <summary>The texts that the chain denies in the result of an action; null if an interceptor has to see the whole result.</summary>
    internal IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => _chain.BlockedLiterals(action);

    public ValueArena RentArena() => _arenas.Rent();

    public async ValueTask<GovernanceSession> OpenSessionAsync(Principal principal, SessionOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(principal);
        options ??= new SessionOptions();
        IPolicySnapshot? policy = _policies?.Current;
        SessionLimits limits = (_chain.Options.SessionLimits ?? (policy is null ? SessionLimits.Default : SessionLimits.Unlimited))
            .TightenedBy(policy?.SessionLimits).TightenedBy(options.Limits);
        if (_chain.EvaluatesOnly)
        {
            // Its end would cancel what runs.
            limits = limits with { Duration = null };
        }

        ActionTemplate startup = _startups.GetValue(
            principal, static owner => new ActionTemplate(InterventionPoint.AgentStartup, "create_agent", owner, null, "agt"));
        if (!await _chain.Sessions.EnterAsync().ConfigureAwait(false))
        {
            throw Refused(ReasonCodes.CapacityExceeded, policy);
        }

        GovernanceSession? session = null;
        try
        {
            var life = new SessionLife(_chain.Sessions);
            session = new GovernanceSession(
                options.Id ?? new SessionId(Guid.CreateVersion7(_chain.Clock.ToUtc(_chain.Clock.Now())).ToString()),
                principal, limits, options.LivePolicy ? null : policy, options.LivePolicy ? _policies : null, _chain.Clock.Now(), options.Labels, life.CloseAsync, _chain.Clock.Provider);
            _chain.Sessions.Add(session);
            GovernedOperation operation = await AuthorizeAsync(new GovernedAction(startup, session, Nothing), cancellationToken).ConfigureAwait(false);
            if (operation.IsAllowed)
            {
                await life.OpenedAsync(operation).ConfigureAwait(false);
                return session;
            }

            var denied = new GovernanceDeniedException(operation.Decision, operation.DecisionId);
            await operation.DisposeAsync().ConfigureAwait(false);
            throw denied;
        }
        catch
        {
            if (session is null)
            {
                _chain.Sessions.Leave(null);
            }
            else
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>Whether decisions are recorded and nothing comes of them.</summary>
    internal bool EvaluatesOnly => _chain.EvaluatesOnly;

    public ValueTask<GovernedOperation> AuthorizeAsync(GovernedAction action, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (!action.TryAdmit())
        {
            throw new ArgumentException("The action was authorized before; every action is decided on once.", nameof(action));
        }

        return _chain.Signals.MustWait(action.Session) ? AuthorizeStoppedAsync(action, cancellationToken) : _chain.Rent().AuthorizeAsync(action, null, cancellationToken);
    }

    /// <summary>Its agent is stopped: the action waits before it is decided on, so that what it is decided by is what holds when it goes on.</summary>
    private async ValueTask<GovernedOperation> AuthorizeStoppedAsync(GovernedAction action, CancellationToken cancellationToken)
    {
        ReasonCode? refusal = null;
        GovernanceSession session = action.Session;

        // A session whose actions wait is in use, however long they wait.
        session.Enter(_chain.Clock.Now());
        try
        {
            refusal = await _chain.Signals.WaitAsync(action.Session, cancellationToken).ConfigureAwait(false) ? null : ReasonCodes.CapacityExceeded;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is a decision too, and recorded as one.
        }
        finally
        {
            session.Leave(_chain.Clock.Now());
        }

        ValueTask<GovernedOperation> deciding;
        try
        {
            deciding = _chain.Rent().AuthorizeAsync(action, refusal, cancellationToken);
        }
        finally
        {
            _chain.Signals.ReleaseNext();
        }

        return await deciding.ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<GovernedResult<TResult>> InvokeAsync<TState, TResult>(
        GovernedAction action, TState state, GovernedEffect<TState, TResult> effect, ResultCodec codec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(effect);
        ArgumentNullException.ThrowIfNull(codec);
        if (action is { IsRehearsal: true })
        {
            throw new ArgumentException("A rehearsal has no effect; decide on it with AuthorizeAsync.", nameof(action));
        }

        GovernedOperation operation = await AuthorizeAsync(action, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!operation.IsAllowed)
            {
                return new GovernedResult<TResult>(operation.Decision, null, default, Executed: false, operation.DecisionId);
            }

            TResult result;
            try
            {
                if (_chain.Options.TrackNesting)
                {
                    GovernanceScope.Set(action);
                }

                result = await effect(state, operation, operation.CancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && action.Session.Cancellation.IsCancellationRequested)
            {
                await operation.FailAsync(exception).ConfigureAwait(false);
                Decision ended = Ended(action.Session, operation.Decision.Snapshot);
                return new GovernedResult<TResult>(ended, ended, default, Executed: true, operation.DecisionId);
            }
            catch (Exception exception)
            {
                await operation.FailAsync(exception).ConfigureAwait(false);
                throw;
            }

            return await operation.CompleteAsync(result, codec, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await operation.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The effect was made to stop because its session was killed or its time was over.</summary>
    private static Decision Ended(GovernanceSession session, IPolicySnapshot? policy)
    {
        Verdict verdict = Verdict.Deny(session.IsKilled ? ReasonCodes.Killed : ReasonCodes.SessionExpired);
        return new Decision(VerdictOutcome.Deny, verdict.Detail!, [new Contribution("governance", verdict)], policy);
    }

    /// <summary>Keeps the start-up operation open until the session ends, so that <c>agent_shutdown</c> is its result.</summary>
    private sealed class SessionLife(SessionTable sessions)
    {
        private const int Opening = 0;
        private const int Open = 1;
        private const int Closed = 2;
        private GovernedOperation _operation;
        private int _state;

        /// <summary>The agent may start. If its session was ended meanwhile, it ends at once.</summary>
        internal ValueTask OpenedAsync(GovernedOperation operation)
        {
            _operation = operation;
            return Interlocked.CompareExchange(ref _state, Open, Opening) == Opening ? default : EndAsync();
        }

        internal ValueTask CloseAsync(GovernanceSession session)
        {
            sessions.Leave(session);
            return Interlocked.Exchange(ref _state, Closed) == Open ? EndAsync() : default;
        }

        private async ValueTask EndAsync()
        {
            try
            {
                await _operation.CompleteAsync<object?>(null, NothingCodec.Instance, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                await _operation.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private sealed class NothingCodec : ResultCodec
    {
        internal static NothingCodec Instance { get; } = new();

        public override GovernedValue Capture(object? result, ValueArena arena) => Nothing;

        public override object? Replace(object? original, GovernedValue value) => null;
    }
}
