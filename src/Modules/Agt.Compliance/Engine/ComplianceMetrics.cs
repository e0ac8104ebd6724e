using System.Diagnostics.Metrics;

namespace Agt.Compliance.Engine;

/// <summary>What the engine tells about itself, by the meter <c>Agt.Compliance</c> (spec 09, AUD-712). Read when somebody asks.</summary>
internal sealed class ComplianceMetrics : IDisposable
{
    internal const string MeterName = "Agt.Compliance";
    private readonly Meter _meter = new(MeterName);

    internal ComplianceMetrics(ComplianceEngine engine)
    {
        _meter.CreateObservableGauge(
            "agt.compliance.score", () => engine.Summary().Where(one => one.Score is not null).Select(one => new Measurement<double>(one.Score!.Value, new KeyValuePair<string, object?>("agt.compliance.framework", one.Framework))), "%",
            "Controls without an open violation, of a hundred that actions touched; nothing where none was touched.");
        _meter.CreateObservableGauge(
            "agt.compliance.violations", () => engine.Summary().Select(one => new Measurement<long>(one.Open, new KeyValuePair<string, object?>("agt.compliance.framework", one.Framework))), "{violation}", "Open violations.");
        _meter.CreateObservableCounter("agt.compliance.unassessed", () => engine.Unassessed, "{action}", "Actions of a type that no framework speaks about.");
    }

    public void Dispose() => _meter.Dispose();
}
