using System.Globalization;
using System.Runtime.CompilerServices;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>
/// Holds what a <see cref="GovernancePolicy"/> says beyond the budgets, which the chain holds itself before anyone is asked: places, tools, patterns, confidence, and last the question to
/// a person, since nobody is asked about what is denied anyway (POL-163). Afterwards it counts, and tells of drift and checkpoints. Thread-safe.
/// </summary>
internal sealed class GovernancePolicyInterceptor : IInterceptor
{
    private static readonly object Placed = new();
    private readonly ConditionalWeakTable<GovernanceSession, SessionWatch> _sessions = [];
    private readonly GovernancePolicy _policy;
    private readonly LimitMonitor _monitor;
    private readonly HashSet<string> _tools;
    private readonly bool _evaluatesOnly;
    private readonly Verdict _ask;
    private readonly Verdict _noTool;
    private readonly Verdict _noPlace;
    private readonly Verdict _unsure;
    private readonly Verdict _drifted;
    private OutputProfile? _spare;

    internal GovernancePolicyInterceptor(GovernancePolicy policy, LimitMonitor monitor, bool evaluatesOnly)
    {
        _policy = policy;
        _monitor = monitor;
        _evaluatesOnly = evaluatesOnly;
        _tools = new HashSet<string>(policy.AllowedTools, StringComparer.Ordinal);
        _ask = new Verdict(VerdictOutcome.Escalate, Detail(ReasonCodes.ApprovalRequired, "require_human_approval", "Every tool call has to be approved."));
        _noTool = Deny(ReasonCodes.ToolNotAllowed, "allowed_tools", "The tool is not among the allowed ones.");
        _noPlace = Deny(Crowded, "max_concurrent", string.Create(CultureInfo.InvariantCulture, $"{policy.MaxConcurrent} calls are running."));
        _unsure = Deny(Unsure, "confidence_threshold", string.Create(CultureInfo.InvariantCulture, $"The confidence is below {policy.ConfidenceThreshold}, or no number."));
        _drifted = new Verdict(VerdictOutcome.Warn, Detail(Drifted, "drift_threshold", string.Create(CultureInfo.InvariantCulture, $"The result is further than {policy.DriftThreshold} from the first one.")));
    }

    internal static ReasonCode BlockedPattern { get; } = new("policy:blocked_pattern", DenialCategory.BlockedContent, "Content blocked by governance policy.");

    internal static ReasonCode Unsure { get; } = new("policy:confidence", DenialCategory.RuleDenied, "Confidence below required threshold.");

    internal static ReasonCode Crowded { get; } = new("policy:max_concurrent", DenialCategory.RateLimited, "Too many calls at once.");

    internal static ReasonCode Drifted { get; } = new("policy:drift", DenialCategory.None, "Behavioral drift detected.");

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
        if (isCall && verdict.Outcome != VerdictOutcome.Deny && context.GetItem(this) is null)
        {
            SessionWatch watch = _sessions.GetOrCreateValue(context.Session);
            if (watch.TryStart(_evaluatesOnly ? int.MaxValue : _policy.MaxConcurrent, out int running))
            {
                context.SetItem(this, Placed);
                if (running >= _policy.BackpressureThreshold)
                {
                    _monitor.Raise(LimitEvent.Backpressure, _policy.Name, context.Action, running);
                }
            }
            else
            {
                verdict = _noPlace;
            }
        }

        return new(verdict);
    }

    public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
    {
        if (context.GetItem(this) is null)
        {
            return default;
        }

        context.SetItem(this, null);
        SessionWatch watch = _sessions.GetOrCreateValue(context.Session);
        watch.Leave();
        if (!outcome.Executed)
        {
            return default;
        }

        Verdict verdict = default;
        if (outcome.Status == OutcomeStatus.Completed && _policy.DriftThreshold < 1 && !context.Output.IsAbsent)
        {
            double drift = DriftOf(watch, context.Output);
            if (drift > _policy.DriftThreshold)
            {
                verdict = _drifted;
                _monitor.Raise(LimitEvent.DriftDetected, _policy.Name, context.Action, drift);
            }
        }

        int done = watch.Count();
        if (done % _policy.CheckpointFrequency == 0)
        {
            _monitor.Raise(LimitEvent.CheckpointCreated, _policy.Name, context.Action, done);
        }

        return new(verdict);
    }

    /// <summary>One profile is kept for the next result, so that comparing makes no garbage.</summary>
    private double DriftOf(SessionWatch watch, GovernedValue output)
    {
        OutputProfile profile = Interlocked.Exchange(ref _spare, null) ?? new OutputProfile();
        profile.Read(output);
        double drift = watch.DriftOf(profile, out bool isKept);
        if (!isKept)
        {
            Volatile.Write(ref _spare, profile);
        }

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
