using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt;

/// <summary>Traces and metrics by the OpenTelemetry GenAI conventions, source and meter <c>Agt</c>. No content is ever recorded.</summary>
internal sealed class GovernanceTelemetry : IDisposable
{
    internal const string Name = "Agt";
    private readonly ActivitySource _source = new(Name);
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _duration;

    public GovernanceTelemetry(IMeterFactory? meters = null, ILoggerFactory? loggers = null)
    {
        _logger = new GuardedLogger(loggers?.CreateLogger("Agt.Governance") ?? NullLogger.Instance);
        _meter = meters?.Create(Name) ?? new Meter(Name);
        _decisions = _meter.CreateCounter<long>("agt.decisions", "{decision}", "Decisions by outcome and point.");
        _duration = _meter.CreateHistogram<double>("agt.decision.duration", "s", "Time from admission to decision, without the time of a person.");
    }

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    internal bool MeasuresDuration => _duration.Enabled;

    internal Activity? Start(GovernedAction action)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        try
        {
            return StartActivity(action);
        }
        catch (Exception exception)
        {
            GovernanceLog.TelemetryFailed(_logger, exception);
            return null;
        }
    }

    internal void Stop(Activity activity)
    {
        try
        {
            activity.Dispose();
        }
        catch (Exception exception)
        {
            GovernanceLog.TelemetryFailed(_logger, exception);
        }
    }

    private Activity? StartActivity(GovernedAction action)
    {
        ActionTemplate template = action.Template;
        Activity? activity = _source.StartActivity(
            template.Tool is null ? template.Operation : template.Operation + " " + template.Tool.Name,
            template.Point == InterventionPoint.PreModelCall ? ActivityKind.Client : ActivityKind.Internal);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("gen_ai.operation.name", template.Operation);
            activity.SetTag("gen_ai.agent.id", template.Principal.Agent.Value);
            activity.SetTag("gen_ai.conversation.id", action.Session.Id.Value);
            activity.SetTag("gen_ai.tool.name", template.Tool?.Name);
            activity.SetTag("gen_ai.tool.call.id", action.CallId);
            activity.SetTag("agt.point", template.Point.WireName());
        }

        return activity;
    }

    internal void Decided(Activity? activity, GovernedAction action, Decision decision, DecisionId id)
    {
        if (_decisions.Enabled)
        {
            Count(action, decision);
        }

        if (activity is null)
        {
            return;
        }

        activity.SetTag("agt.decision", Decision.WireName(decision.Outcome));
        activity.SetTag("agt.reason", decision.Reason.Code);
        activity.SetTag("agt.decision.id", id.ToString());
        if (!decision.IsAllowed)
        {
            activity.SetTag("agt.category", decision.Reason.Category.ToString());
            activity.SetTag("error.type", decision.Reason.Code);
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    internal void RecordDuration(TimeSpan duration)
    {
        try
        {
            _duration.Record(duration.TotalSeconds);
        }
        catch (Exception exception)
        {
            GovernanceLog.TelemetryFailed(_logger, exception);
        }
    }

    private void Count(GovernedAction action, Decision decision)
    {
        try
        {
            _decisions.Add(
                1,
                new KeyValuePair<string, object?>("agt.decision", Decision.WireName(decision.Outcome)),
                new KeyValuePair<string, object?>("agt.point", action.Template.Point.WireName()));
        }
        catch (Exception exception)
        {
            GovernanceLog.TelemetryFailed(_logger, exception);
        }
    }
}
