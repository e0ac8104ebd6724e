using System.Diagnostics.Metrics;

namespace Agt.Audit;

/// <summary>What a log tells about itself, by the meter <c>Agt.Audit</c> (spec 09, AUD-712). Read when somebody asks; costs the log nothing.</summary>
internal sealed class AuditMetrics : IDisposable
{
    internal const string MeterName = "Agt.Audit";
    private readonly Meter _meter;

    internal AuditMetrics(AuditLog log, long sizeAtStart)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [new("agt.audit.origin", log.Origin)] });
        _meter.CreateObservableCounter("agt.audit.entries_written", () => log.Size - sizeAtStart, "{record}", "Records that are durable since the start.");
        _meter.CreateObservableGauge("agt.audit.queue_depth", () => log.Pending, "{record}", "Records that wait to be written.");
        _meter.CreateObservableGauge("agt.audit.checkpoint_age_s", () => log.CheckpointAge.TotalSeconds, "s", "How long ago the latest checkpoint was signed.");
        _meter.CreateObservableGauge("agt.audit.witness_lag", () => log.Checkpoint.Checkpoint.Size - log.WitnessedSize, "{record}", "Records of the latest checkpoint that no witness has cosigned.");
        _meter.CreateObservableGauge("agt.audit.available", () => log.Failure is null ? 1 : 0, null, "1 while records can be written.");
    }

    public void Dispose() => _meter.Dispose();
}
