using System.Diagnostics.Metrics;
using Agt;
using Agt.Audit;

namespace Quickstart;

/// <summary>Keeps every decision with the time that deciding took, as the meter "Agt" reports it.</summary>
internal sealed class TimedLog : IDecisionLog, IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(DecisionRecord Record, TimeSpan Took)> _decisions = [];
    private readonly List<OutcomeRecord> _outcomes = [];
    private TimeSpan _latest;

    public TimedLog()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Agt", Name: "agt.decision.duration" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _latest = TimeSpan.FromSeconds(seconds));
        _listener.Start();
    }

    /// <summary>The log that everything is handed on to; null during the warm-up.</summary>
    public IDecisionLog? Next { get; set; }

    public IEnumerable<(DecisionRecord Record, TimeSpan Took, Decision? OnResult)> ToolCalls => _decisions
        .Where(decision => decision.Record.Action.Template.Point == InterventionPoint.PreToolCall)
        .Select(decision => (decision.Record, decision.Took, _outcomes.FirstOrDefault(outcome => outcome.DecisionId == decision.Record.Id).ResultDecision));

    public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
    {
        _decisions.Add((record, _latest));
        return Next?.AppendAsync(in record, cancellationToken) ?? default;
    }

    public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
    {
        _outcomes.Add(record);
        return Next?.AppendAsync(in record, cancellationToken) ?? default;
    }

    public void Clear()
    {
        _decisions.Clear();
        _outcomes.Clear();
    }

    public void Dispose() => _listener.Dispose();
}
