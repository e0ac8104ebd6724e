using System.Diagnostics.Metrics;
using Agt.Audit.Export;

namespace Agt.Audit;

/// <summary>What a log tells about itself, by the meter <c>Agt.Audit</c> (spec 09, AUD-712). Read when somebody asks; costs the log nothing.</summary>
internal sealed class AuditMetrics : IDisposable
{
    internal const string MeterName = "Agt.Audit";
    private readonly Meter _meter;
    private readonly Histogram<double> _latency;

    internal AuditMetrics(AuditLog log, long sizeAtStart)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [new("agt.audit.origin", log.Origin)] });
        _meter.CreateObservableCounter("agt.audit.entries_written", () => log.Size - sizeAtStart, "{record}", "Records that are durable since the start.");
        _meter.CreateObservableGauge("agt.audit.queue_depth", () => log.Pending, "{record}", "Records that wait to be written.");
        _meter.CreateObservableGauge("agt.audit.checkpoint_age_s", () => log.CheckpointAge.TotalSeconds, "s", "How long ago the latest checkpoint was signed.");
        _meter.CreateObservableGauge("agt.audit.witness_lag", () => log.Checkpoint.Checkpoint.Size - log.WitnessedSize, "{record}", "Records of the latest checkpoint that no witness has cosigned.");
        _latency = _meter.CreateHistogram<double>("agt.audit.export_latency_ms", "ms", "How long the exports to a sink took.");
        _meter.CreateObservableGauge("agt.audit.circuit_breaker_state", () => log.Exporters.Select(exporter => new Measurement<int>((int)exporter.State, SinkTag(exporter))), null, "0 while a sink is used, 1 while it is tried, 2 while it is left alone.");
        _meter.CreateObservableGauge("agt.audit.export_lag", () => log.Exporters.Select(exporter => new Measurement<long>(log.Size - exporter.Next, SinkTag(exporter))), "{record}", "Records that a sink does not have yet.");
        _meter.CreateObservableCounter("agt.audit.entries_exported", () => log.Exporters.Select(exporter => new Measurement<long>(exporter.Delivered, SinkTag(exporter))), "{record}", "Records that a sink has taken.");
        _meter.CreateObservableCounter("agt.audit.entries_dropped", () => log.Exporters.Select(exporter => new Measurement<long>(exporter.Dropped, SinkTag(exporter))), "{record}", "Records that a sink refused for ever. The log has them.");
        _meter.CreateObservableGauge("agt.audit.available", () => log.Failure is null ? 1 : 0, null, "1 while records can be written.");
    }

    internal void Exported(RecordExporter exporter, TimeSpan took) => _latency.Record(took.TotalMilliseconds, SinkTag(exporter));

    private static KeyValuePair<string, object?> SinkTag(RecordExporter exporter) => new("agt.audit.sink", exporter.Name);

    public void Dispose() => _meter.Dispose();
}
