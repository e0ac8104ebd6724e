namespace Agt.Audit.Export;

/// <summary>How records are put for another system.</summary>
public enum RecordFormat
{
    /// <summary>As they stand in the log.</summary>
    Record,

    /// <summary>CloudEvents 1.0 (<see cref="RecordExport.WriteCloudEvent"/>).</summary>
    CloudEvents,

    /// <summary>OCSF API Activity (<see cref="RecordExport.WriteOcsf"/>).</summary>
    Ocsf,

    /// <summary>Log records of OpenTelemetry, in the JSON form of OTLP (<see cref="OpenTelemetryLogs.Write"/>).</summary>
    OpenTelemetry,
}
