using System.Globalization;
using System.Runtime.CompilerServices;
using Agt.Policy.Limits.Drift;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>
/// Holds what a <see cref="GovernancePolicy"/> says beyond the budgets, which the chain holds itself before anyone is asked: places, tools, patterns, confidence, and last the question to
/// a person, since nobody is asked about what is denied anyway (POL-163). Afterwards it counts, and tells of drift and checkpoints. Thread-safe.
/// </summary>
internal sealed class GovernancePolicyInterceptor : IInterceptor
{
    private static readonly object HasPlace = new();
    private readonly ConditionalWeakTable<GovernanceSession, SessionWatch>.CreateValueCallback _newWatch;
    private readonly ConditionalWeakTable<GovernanceSession, SessionWatch> _sessions = [];
    private readonly GovernancePolicy _policy;
    private readonly LimitMonitor _monitor;
    private readonly ToolList _tools;
    private readonly bool _evaluatesOnly;
    private readonly Verdict _ask;
    private readonly Verdict _noTool;
    private readonly Verdict _noPlace;
    private readonly Verdict _unsure;
    private readonly Verdict _drifted;
    private readonly GovernanceLimitOptions _options;
    private readonly ICheckpointStore _checkpoints;
    private readonly TimeProvider _time;
    private BlockMatcher? _spare;

    internal GovernancePolicyInterceptor(
        GovernancePolicy policy, LimitMonitor monitor, bool evaluatesOnly, GovernanceLimitOptions options, ICheckpointStore checkpoints, TimeProvider time)
    {
        _newWatch = NewWatch;
        _options = options;
        _checkpoints = checkpoints;
        _time = time;
        _policy = policy;
        _monitor = monitor;
        _evaluatesOnly = evaluatesOnly;
        _tools = new ToolList(options.Aliases, policy.AllowedTools);
        _ask = new Verdict(VerdictOutcome.Escalate, Detail(ReasonCodes.ApprovalRequired, "require_human_approval", "Every tool call has to be approved."));
        _noTool = Deny(ReasonCodes.ToolNotAllowed, "allowed_tools", "The tool is not among the allowed ones.");
        _noPlace = Deny(Crowded, "max_concurrent", string.Create(CultureInfo.InvariantCulture, $"Max concurrency reached ({policy.MaxConcurrent})."));
        _unsure = Deny(Unsure, "confidence_threshold", string.Create(CultureInfo.InvariantCulture, $"The confidence is below {policy.ConfidenceThreshold}, or no number."));
        _drifted = new Verdict(options.DriftAction == DriftAction.Deny ? VerdictOutcome.Deny : VerdictOutcome.Warn, Detail(Drifted, "drift_threshold", string.Create(CultureInfo.InvariantCulture, $"The result is further than {policy.DriftThreshold} from the first one.")));
        monitor.Watch(this);
    }

    internal static ReasonCode BlockedPattern { get; } = new("policy:blocked_pattern", DenialCategory.BlockedContent, "Content blocked by governance policy.");

    internal static ReasonCode Unsure { get; } = new("policy:confidence", DenialCategory.RuleDenied, "Confidence below required threshold.");

    internal static ReasonCode Crowded { get; } = new("policy:max_concurrent", DenialCategory.RateLimited, "Too many calls at once.");

    internal static ReasonCode Drifted { get; } = new("policy:drift", DenialCategory.BlockedContent, "Behavioral drift detected.");

    public string Name => "governance-policy." + _policy.Name;

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken)
    {
        bool isCall = context.Point == InterventionPoint.PreToolCall;
        if (!isCall && context.Point != InterventionPoint.Input)
        {
            return default;
        }

        Verdict verdict = Heard(isCall ? OfCall(context) : OfContent(context));

        // A place is taken last and once, so that what is denied here leaves none taken.
        if (!isCall || verdict.Outcome == VerdictOutcome.Deny || context.GetItem(this) is not null)
        {
            return new(verdict);
        }

        SessionWatch watch = WatchOf(context.Session);
        ValueTask<int> entering = watch.Gate.EnterAsync(cancellationToken);
        return entering.IsCompletedSuccessfully ? new(Placed(context, verdict, entering.Result)) : PlacedAsync(context, verdict, entering);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        if (context.GetItem(this) is null)
        {
            return default;
        }

        context.SetItem(this, null);
        SessionWatch watch = WatchOf(context.Session);
        watch.Gate.Leave();
        if (!outcome.Executed)
        {
            return default;
        }

        Verdict verdict = default;
        if (outcome.Status == OutcomeStatus.Completed && _policy.DriftThreshold is > 0 and < 1 && !context.Output.IsAbsent &&
            DriftOf(watch, context) is { IsExceeded: true } drift)
        {
            verdict = _options.DriftAction == DriftAction.Event ? default : Heard(_drifted);
            _monitor.Raise(LimitEvent.DriftDetected, _policy.Name, context.Action, drift.Score, drift);
        }

        int done = watch.Count();
        if (done % _policy.CheckpointFrequency != 0)
        {
            return new(verdict);
        }

        _monitor.Raise(LimitEvent.CheckpointCreated, _policy.Name, context.Action, done);
        return KeepAsync(context.Action, done, verdict, cancellationToken);
    }

    internal string PolicyName => _policy.Name;

    internal ConcurrencyFigures? FiguresOf(GovernanceSession session) => _sessions.TryGetValue(session, out SessionWatch? watch) ? watch.Gate.Figures : null;

    private SessionWatch WatchOf(GovernanceSession session) => _sessions.GetValue(session, _newWatch);

    private SessionWatch NewWatch(GovernanceSession session) => new(new ConcurrencyGate(
        _evaluatesOnly ? int.MaxValue : _policy.MaxConcurrent, _policy.BackpressureThreshold, _evaluatesOnly ? TimeSpan.Zero : _options.BackpressureWait, _time));

    private async ValueTask<Verdict> PlacedAsync(OperationContext context, Verdict verdict, ValueTask<int> entering) =>
        Placed(context, verdict, await entering.ConfigureAwait(false));

    private Verdict Placed(OperationContext context, Verdict verdict, int running)
    {
        if (running == 0)
        {
            return _noPlace;
        }

        context.SetItem(this, HasPlace);
        if (running >= _policy.BackpressureThreshold)
        {
            _monitor.Raise(LimitEvent.Backpressure, _policy.Name, context.Action, running);
        }

        return verdict;
    }

    private async ValueTask<Verdict> KeepAsync(GovernedAction action, int done, Verdict verdict, CancellationToken cancellationToken)
    {
        var checkpoint = new Checkpoint(
            string.Create(CultureInfo.InvariantCulture, $"checkpoint-{done}"), action.Session.Id, action.Template.Principal.Agent, _policy.Name, done, action.Timestamp);
        try
        {
            await _checkpoints.SaveAsync(checkpoint, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            PolicyLog.CheckpointNotKept(_monitor.Logger, checkpoint.Name, action.Session.Id.Value, exception);
        }

        return verdict;
    }

    /// <summary>One matcher is kept for the next result: its tables are large.</summary>
    private DriftResult? DriftOf(SessionWatch watch, OperationContext context)
    {
        BlockMatcher matcher = Interlocked.Exchange(ref _spare, null) ?? new BlockMatcher();
        DriftResult? drift = watch.DriftOf(context.Template, context.Output, _policy.DriftThreshold, matcher);
        Volatile.Write(ref _spare, matcher);
        return drift;
    }

    private Verdict Heard(Verdict verdict) => _evaluatesOnly ? EvaluateOnly.Of(verdict) : verdict;

    private Verdict OfCall(OperationContext context)
    {
        if (_tools.Count > 0 && !_tools.Contains(context.Template.Tool!.Name))
        {
            return _noTool;
        }

        if (OfContent(context) is { Outcome: VerdictOutcome.Deny } blocked)
        {
            return blocked;
        }

        return IsUnsure(context.Payload) || IsUnsure(context.Facets) ? _unsure : _policy.RequireHumanApproval ? _ask : default;
    }

    private Verdict OfContent(OperationContext context) => _policy.MatchesPattern(context.Payload) is [{ } first, ..]
        ? Deny(BlockedPattern, string.Create(CultureInfo.InvariantCulture, $"blocked_patterns[{_policy.BlockedPatterns.ToList().IndexOf(first)}]"), $"The {first.Kind} '{first.Text}' is blocked.")
        : default;

    /// <summary>What declares no confidence passes; what declares one that is no number does not.</summary>
    private bool IsUnsure(GovernedValue map) =>
        map.Kind == ValueKind.Map && map.TryGetMember("confidence", out GovernedValue declared) &&
        !(double.TryParse(declared.NumberText(), NumberStyles.Float, CultureInfo.InvariantCulture, out double confidence) && confidence >= _policy.ConfidenceThreshold);

    private Verdict Deny(ReasonCode reason, string rule, string explanation) => new(VerdictOutcome.Deny, Detail(reason, rule, explanation));

    private VerdictDetail Detail(ReasonCode reason, string rule, string explanation) => new(reason)
    {
        Explanation = explanation,
        Rule = rule,
        Policy = _policy.Name,
        PolicyVersion = _policy.Version,
    };
}
