using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Agt.Monitoring;

/// <summary>The health of governance for the host's own health checks: <c>services.AddHealthChecks().AddCheck&lt;GovernanceHealthCheck&gt;("governance")</c>. Needs <c>AddMonitoring</c>. Thread-safe.</summary>
/// <param name="monitor">The monitor.</param>
public sealed class GovernanceHealthCheck(GovernanceMonitor monitor) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        GovernanceHealth health = monitor.GetHealth();
        HealthStatus status = health.Status switch
        {
            GovernanceStatus.Healthy => HealthStatus.Healthy,
            GovernanceStatus.Degraded => HealthStatus.Degraded,
            _ => HealthStatus.Unhealthy,
        };
        return Task.FromResult(new HealthCheckResult(status, health.LastError is null ? null : "A decision failed: " + health.LastError.Reason, data: new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["backend"] = health.Backend,
            ["backend_connected"] = health.BackendConnected,
            ["last_error"] = health.LastError is { } error ? string.Create(CultureInfo.InvariantCulture, $"{error.Reason} {error.DecisionId}") : string.Empty,
            ["uptime_seconds"] = health.UptimeSeconds,
        }));
    }
}
