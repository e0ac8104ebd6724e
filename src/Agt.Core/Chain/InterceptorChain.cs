using Agt.Approvals;
using Agt.Audit;
using Agt.Events;
using Agt.Sessions;
using Agt.Signals;
using Agt.Values;
using Microsoft.Extensions.Logging;

namespace Agt.Chain;

/// <summary>What all operations share: the interceptors in order, and everything they are decided with.</summary>
internal sealed class InterceptorChain
{
    private readonly StripedPool<Operation> _operations = new();
    private readonly DecisionIds _ids = new();
    private readonly bool[] _failOpen;
    private readonly IGovernanceObserver[] _observers;
    private Decision _plainAllow;

    internal InterceptorChain(
        IEnumerable<IInterceptor> interceptors,
        IEnumerable<IGovernanceObserver> observers,
        GovernanceOptions options,
        IDecisionLog log,
        ApprovalGate approvals,
        GovernanceTelemetry telemetry,
        GovernanceClock clock,
        SessionTable sessions,
        GovernanceSignals signals,
        ILogger logger)
    {
        Interceptors = [.. interceptors.OrderBy(interceptor => (int)interceptor.Stage)];
        _observers = [.. observers];
        Options = options;
        Log = log;
        Approvals = approvals;
        Telemetry = telemetry;
        Clock = clock;
        Sessions = sessions;
        Signals = signals;
        Logger = logger;
        EvaluationUnits = clock.ToUnits(options.EvaluationTimeout);
        PolicyStart = Array.FindIndex(Interceptors, interceptor => interceptor.Stage >= InterceptorStage.Policy);
        EvaluatesOnly = options.Mode == GovernanceMode.EvaluateOnly;
        _plainAllow = NewPlainAllow(null);
        if (EvaluatesOnly)
        {
            GovernanceLog.EvaluateOnlyConfigured(logger);
        }

        _failOpen = [.. Interceptors.Select(MayFailOpen)];
        Validate();
    }

    internal IInterceptor[] Interceptors { get; }

    internal GovernanceOptions Options { get; }

    internal IDecisionLog Log { get; }

    internal ApprovalGate Approvals { get; }

    internal GovernanceTelemetry Telemetry { get; }

    internal GovernanceClock Clock { get; }

    internal SessionTable Sessions { get; }

    internal GovernanceSignals Signals { get; }

    internal ILogger Logger { get; }

    internal long EvaluationUnits { get; }

    /// <summary>Where a second pass begins; -1 if nothing stands there.</summary>
    internal int PolicyStart { get; }

    /// <summary>Whether decisions are recorded and nothing comes of them.</summary>
    internal bool EvaluatesOnly { get; }

    internal bool HasObservers => _observers.Length > 0;

    internal Operation Rent() => _operations.TryTake() ?? new Operation(this);

    internal void Return(Operation operation) => _operations.Give(operation);

    internal DecisionId NextId() => _ids.Next();

    internal bool FailsOpen(int index) => _failOpen[index];

    /// <summary>The texts that are denied in the result of an action; null if one interceptor has to see the whole result, does not say, or says something odd.</summary>
    internal IReadOnlyList<string>? BlockedLiterals(GovernedAction action)
    {
        var all = new List<string>();
        foreach (IInterceptor interceptor in Interceptors)
        {
            try
            {
                if (interceptor is not IWindowedInterceptor windowed || windowed.BlockedLiterals(action) is not { } literals ||
                    literals.Any(literal => string.IsNullOrEmpty(literal) || literal.Length > Streaming.StreamWindow.LongestLiteral))
                {
                    return null;
                }

                all.AddRange(literals);
            }
            catch (Exception exception)
            {
                GovernanceLog.InterceptorFailed(Logger, interceptor.Name, exception);
                return null;
            }
        }

        return all;
    }

    /// <summary>The decision of an action to which nobody had anything to say.</summary>
    internal Decision PlainAllow(IPolicySnapshot? policy)
    {
        Decision decision = Volatile.Read(ref _plainAllow);
        if (!ReferenceEquals(decision.Snapshot, policy))
        {
            decision = NewPlainAllow(policy);
            Volatile.Write(ref _plainAllow, decision);
        }

        return decision;
    }

    internal void Raise(GovernanceEventKind kind, GovernedAction action, Decision? decision, OutcomeStatus? status = null)
    {
        if (_observers.Length == 0)
        {
            return;
        }

        var happened = new GovernanceEvent(kind, Clock.ToUtc(Clock.Now()), action, decision, status);
        foreach (IGovernanceObserver observer in _observers)
        {
            try
            {
                observer.OnEvent(in happened);
            }
            catch (Exception exception)
            {
                GovernanceLog.ObserverFailed(Logger, exception);
            }
        }
    }

    private Decision NewPlainAllow(IPolicySnapshot? policy) =>
        new(VerdictOutcome.Allow, new VerdictDetail(ReasonCodes.Allowed), [], policy, !EvaluatesOnly);

    private bool MayFailOpen(IInterceptor interceptor)
    {
        if (!Options.FailOpenInterceptors.Contains(interceptor.Name))
        {
            return false;
        }

        if (interceptor.Stage <= InterceptorStage.Policy)
        {
            throw new InvalidOperationException(
                $"Governance: interceptor '{interceptor.Name}' is of stage {interceptor.Stage} and may never fail open. Remove it from FailOpenInterceptors.");
        }

        GovernanceLog.FailOpenConfigured(Logger, interceptor.Name);
        return true;
    }

    private void Validate()
    {
        if (Interceptors.Length == 0 && !Options.RequirePolicy)
        {
            throw new InvalidOperationException("Governance: no policy and no interceptor is registered, so nothing would be governed. Call AddPolicy(...) or add a module.");
        }

        foreach (IGrouping<string, IInterceptor> same in Interceptors.GroupBy(interceptor => interceptor.Name, StringComparer.Ordinal))
        {
            if (string.IsNullOrWhiteSpace(same.Key) || same.Count() > 1)
            {
                throw new InvalidOperationException($"Governance: interceptor names must be unique and not empty; '{same.Key}' is not.");
            }
        }

        foreach (string name in Options.FailOpenInterceptors)
        {
            if (!Interceptors.Any(interceptor => interceptor.Name == name))
            {
                throw new InvalidOperationException($"Governance: FailOpenInterceptors names '{name}', but there is no such interceptor.");
            }
        }

        foreach (IInterceptor interceptor in Interceptors)
        {
            if (!Enum.IsDefined(interceptor.Stage))
            {
                throw new InvalidOperationException($"Governance: interceptor '{interceptor.Name}' has no valid stage.");
            }
        }
    }
}
