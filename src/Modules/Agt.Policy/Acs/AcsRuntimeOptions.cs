namespace Agt.Policy.Acs;

/// <summary>What a runtime asks. Not thread-safe while it is filled; read once by <see cref="AcsRuntime"/>.</summary>
public sealed class AcsRuntimeOptions
{
    /// <summary>The engines by <see cref="AcsPolicy.EngineName"/>: <c>rego</c>, <c>cedar</c>, <c>test</c>, or <c>custom:</c> and an adapter's name.</summary>
    public IDictionary<string, IAcsPolicyEngine> Engines { get; } = new Dictionary<string, IAcsPolicyEngine>(StringComparer.Ordinal)
    {
        ["custom:" + AcsClearanceEngine.Adapter] = new AcsClearanceEngine(),
    };

    /// <summary>The annotators by their name in the manifest.</summary>
    public IDictionary<string, IAcsAnnotator> Annotators { get; } = new Dictionary<string, IAcsAnnotator>(StringComparer.Ordinal);

    /// <summary>Asked for every annotator that <see cref="Annotators"/> does not name; null for none.</summary>
    public IAcsAnnotator? OtherAnnotators { get; set; }

    /// <summary>The host's bounds; those of the manifest hold where they are tighter.</summary>
    public AcsLimits Limits { get; set; } = AcsLimits.Default;

    /// <summary>Told what happens; null for nobody. What it throws is dropped: telemetry never changes a verdict.</summary>
    public Action<AcsTelemetryEvent>? Telemetry { get; set; }

    /// <summary>The clock; null for that of the host, else of the system.</summary>
    public TimeProvider? TimeProvider { get; set; }
}
