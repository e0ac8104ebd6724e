using Agt.Audit;
using Agt.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agt.Monitoring;

/// <summary>
/// What operators ask a running host: the latest decisions, what was denied, how much was done, whether all is well. A singleton, added by <c>AddMonitoring</c>.
/// </summary>
/// <remarks>Thread-safe. Takes a lock for a few instructions per record; hosts that count nanoseconds leave it out and read their decision log.</remarks>
public sealed class GovernanceMonitor : IGovernanceObserver
{
    private static readonly TimeSpan ErrorsCount = TimeSpan.FromMinutes(5);
    private readonly Lock _lock = new();
    private readonly MonitoringOptions _options;
    private readonly GovernanceRuntime _runtime;
    private readonly IPolicySource? _policies;
    private readonly bool _needsPolicy;
    private readonly Queue<AuditEntry> _entries = new();
    private readonly Queue<AuditEntry> _violations = new();
    private readonly long _started;
    private GovernanceError? _lastError;
    private long _toolCalls;
    private long _modelCalls;
    private long _sessions;
    private long _handoffs;
    private long _allowed;
    private long _warned;
    private long _denied;
    private long _approvals;
    private long _bypasses;

    internal GovernanceMonitor(MonitoringOptions options, GovernanceRuntime runtime, IServiceProvider services)
    {
        if (options.Capacity is < 1 or > 1_000_000)
        {
            throw new InvalidOperationException("Governance: MonitoringOptions.Capacity must be between 1 and 1,000,000.");
        }

        _options = options;
        _runtime = runtime;
        _policies = services.GetService<IPolicySource>();
        _needsPolicy = services.GetRequiredService<IOptions<GovernanceOptions>>().Value.RequirePolicy;
        _started = runtime.Clock.Now();
    }

    /// <summary>The latest failure of the last five minutes, or null.</summary>
    public GovernanceError? LastError
    {
        get
        {
            GovernanceError? error = Volatile.Read(ref _lastError);
            return error is not null && _runtime.Clock.ToUtc(_runtime.Clock.Now()) - error.Timestamp <= ErrorsCount ? error : null;
        }
    }

    private double Uptime => _runtime.Clock.Between(_started, _runtime.Clock.Now()).TotalSeconds;

    /// <summary>The latest entries, oldest first. A copy.</summary>
    public IReadOnlyList<AuditEntry> GetAuditLog()
    {
        lock (_lock)
        {
            return [.. _entries];
        }
    }

    /// <summary>The latest denials and withheld results, oldest first. A copy.</summary>
    public IReadOnlyList<AuditEntry> GetViolations()
    {
        lock (_lock)
        {
            return [.. _violations];
        }
    }

    /// <summary>What was counted since the start.</summary>
    public GovernanceStats GetStats()
    {
        lock (_lock)
        {
            return new GovernanceStats
            {
                TotalToolCalls = _toolCalls,
                TotalModelCalls = _modelCalls,
                TotalSessions = _sessions,
                TotalHandoffs = _handoffs,
                TotalAllowed = _allowed,
                TotalWarned = _warned,
                TotalViolations = _denied,
                TotalApprovals = _approvals,
                TotalBypasses = Interlocked.Read(ref _bypasses),
                OpenSessions = _runtime.Sessions.Count,
                StoppedActions = _runtime.Signals.Waiting,
                UptimeSeconds = Uptime,
            };
        }
    }

    /// <summary>Whether all is well.</summary>
    public GovernanceHealth GetHealth()
    {
        IPolicySnapshot? policy = null;
        bool connected = true;
        try
        {
            policy = _policies?.Current;
        }
        catch (Exception exception)
        {
            GovernanceLog.PolicySourceFailed(_runtime.Logger, exception);
            connected = false;
        }

        GovernanceError? error = LastError;
        bool nothingAllowed = !connected || (policy is null && _needsPolicy) || _runtime.Signals.IsEveryoneKilled;
        return new GovernanceHealth(
            nothingAllowed ? GovernanceStatus.Unhealthy : error is null ? GovernanceStatus.Healthy : GovernanceStatus.Degraded,
            policy is null ? "none" : $"policy {policy.SetDigest}", connected && (policy is not null || !_needsPolicy), error, Uptime);
    }

    /// <inheritdoc />
    public void OnEvent(in GovernanceEvent governanceEvent)
    {
        if (governanceEvent.Kind == GovernanceEventKind.BypassDetected)
        {
            Interlocked.Increment(ref _bypasses);
        }
    }

    internal IDecisionLog Watch(IDecisionLog log) => new WatchedDecisionLog(this, log);

    internal void Add(in DecisionRecord record)
    {
        ActionTemplate template = record.Action.Template;
        Decision decision = record.Decision;
        var entry = new AuditEntry(
            record.Timestamp, "decision", template.Tool?.Name, decision.IsAllowed, decision.Reason.Code, template.Principal.Agent.Value, record.Action.Session.Id.Value, record.Action.CallId, record.Id) { IsEnforced = decision.IsEnforced };
        lock (_lock)
        {
            switch (template.Point)
            {
                case InterventionPoint.PreToolCall:
                    _toolCalls++;
                    _handoffs += template.Tool?.Name.StartsWith("handoff:", StringComparison.Ordinal) == true ? 1 : 0;
                    break;
                case InterventionPoint.PreModelCall:
                    _modelCalls++;
                    break;
                case InterventionPoint.AgentStartup:
                    _sessions++;
                    break;
            }

            _approvals += record.Approver is null ? 0 : 1;
            Keep(entry, decision);
        }
    }

    internal void Add(in OutcomeRecord record)
    {
        ActionTemplate template = record.Action.Template;
        Decision? decision = record.ResultDecision;
        var entry = new AuditEntry(
            record.Timestamp, Name(record.Status), template.Tool?.Name, decision?.IsAllowed ?? true, (decision?.Reason ?? ReasonCodes.Allowed).Code,
            template.Principal.Agent.Value, record.Action.Session.Id.Value, record.Action.CallId, record.DecisionId) { IsEnforced = decision?.IsEnforced ?? true };
        lock (_lock)
        {
            Keep(entry, decision);
        }
    }

    /// <summary>The record could not be kept: what it is about was denied.</summary>
    internal void AddFailure(DecisionId id) =>
        Volatile.Write(ref _lastError, new GovernanceError(ReasonCodes.AuditUnavailable.Code, id, _runtime.Clock.ToUtc(_runtime.Clock.Now())));

    private static string Name(OutcomeStatus status) => status switch
    {
        OutcomeStatus.Completed => "completed",
        OutcomeStatus.Failed => "failed",
        OutcomeStatus.Cancelled => "cancelled",
        OutcomeStatus.Denied => "denied",
        _ => "abandoned",
    };

    private void Keep(AuditEntry entry, Decision? decision)
    {
        if (entry.Allowed && decision is not null)
        {
            _allowed++;
            _warned += decision.Outcome == VerdictOutcome.Warn ? 1 : 0;
        }

        if (!entry.Allowed)
        {
            _denied++;
            Push(_violations, entry);
        }

        if (_options.LogAllCalls || !entry.Allowed)
        {
            Push(_entries, entry);
        }

        if (decision?.Reason.Category == DenialCategory.PolicyError)
        {
            Volatile.Write(ref _lastError, new GovernanceError(entry.Reason, entry.DecisionId, entry.Timestamp));
        }
    }

    private void Push(Queue<AuditEntry> kept, AuditEntry entry)
    {
        if (kept.Count == _options.Capacity)
        {
            kept.Dequeue();
        }

        kept.Enqueue(entry);
    }
}
