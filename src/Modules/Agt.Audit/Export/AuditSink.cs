namespace Agt.Audit.Export;

/// <summary>A sink and how records get to it.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Options">How; null for the defaults.</param>
public sealed record AuditSink(IRecordSink Sink, ExportOptions? Options = null);
