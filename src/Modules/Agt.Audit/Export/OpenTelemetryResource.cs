namespace Agt.Audit.Export;

/// <summary>What OpenTelemetry is told of where log records come from. Immutable.</summary>
/// <param name="ServiceName">The service (<c>service.name</c>).</param>
/// <param name="Scope">The instrumentation scope.</param>
public sealed record OpenTelemetryResource(string ServiceName = "agent-governance-toolkit", string Scope = "agent_os.governance.audit");
