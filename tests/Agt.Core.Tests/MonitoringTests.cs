using Agt.Audit;
using Agt.Monitoring;
using Agt.Signals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Agt.Core.Tests;

public sealed class MonitoringTests : IDisposable
{
    private Func<Verdict> _says = () => default;
    private readonly ChainFixture _chain;

    public MonitoringTests() => _chain = new ChainFixture(
        builder => builder.AddMonitoring(options => options.Capacity = 3),
        new TestInterceptor("says") { Before = ChainTests.OnTool(_ => _says()) });

    public void Dispose() => _chain.Dispose();

    private GovernanceMonitor Monitor => _chain.Services.GetRequiredService<GovernanceMonitor>();

    [Fact]
    [Requirement("ADP-142", "ADP-143", "ADP-C47")]
    public async Task The_latest_decisions_are_copied_and_what_happened_is_counted()
    {
        GovernanceSession session = await _chain.OpenAsync();
        await _chain.RunAsync(session: session);
        IReadOnlyList<AuditEntry> before = Monitor.GetAuditLog();
        _says = () => Verdict.Deny(ReasonCodes.RuleDenied);
        await _chain.RunAsync(session: session);
        _chain.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["decision", "decision", "completed"], before.Select(entry => entry.EventType));
        Assert.Equal(["decision", "completed", "decision"], Monitor.GetAuditLog().Select(entry => entry.EventType));
        AuditEntry denied = Assert.Single(Monitor.GetViolations());
        Assert.Equal(("Files.Delete", false, "rule_denied", "billing-1", session.Id.Value, "call-1"), (denied.ToolName, denied.Allowed, denied.Reason, denied.AgentId, denied.SessionId, denied.OperationId));
        GovernanceStats stats = Monitor.GetStats();
        Assert.Equal((2, 1, 1, 1, 5.0), (stats.TotalToolCalls, stats.TotalViolations, stats.TotalSessions, stats.OpenSessions, stats.UptimeSeconds));
    }

    [Fact]
    [Requirement("ADP-142")]
    public async Task Denials_alone_are_kept_on_request()
    {
        using var chain = new ChainFixture(builder => builder.AddMonitoring(options => options.LogAllCalls = false), TestInterceptor.Says("no", Verdict.Deny(ReasonCodes.RuleDenied)));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.OpenAsync());
        GovernanceMonitor monitor = chain.Services.GetRequiredService<GovernanceMonitor>();
        Assert.Single(monitor.GetAuditLog());
        await _chain.RunAsync();
        Assert.All(monitor.GetAuditLog(), entry => Assert.False(entry.Allowed));
    }

    [Fact]
    [Requirement("ADP-140", "ADP-141", "ADP-C47")]
    public async Task A_decision_that_failed_degrades_the_health_for_five_minutes()
    {
        Assert.Equal(new GovernanceHealth(GovernanceStatus.Healthy, "none", true, null, 0), Monitor.GetHealth());
        GovernanceSession session = await _chain.OpenAsync();
        _says = () => throw new InvalidOperationException("a secret");
        await _chain.RunAsync(session: session);

        GovernanceHealth degraded = Monitor.GetHealth();
        Assert.Equal((GovernanceStatus.Degraded, "interceptor_failed"), (degraded.Status, degraded.LastError!.Reason));
        Assert.Equal(_chain.Records[^1].DecisionId, degraded.LastError.DecisionId);
        Assert.DoesNotContain("secret", degraded.ToString(), StringComparison.Ordinal);
        HealthCheckResult check = await new GovernanceHealthCheck(Monitor).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal((HealthStatus.Degraded, true), (check.Status, check.Data["backend_connected"]));

        _chain.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((GovernanceStatus.Healthy, null), (Monitor.GetHealth().Status, Monitor.LastError));
    }

    [Fact]
    [Requirement("ADP-140")]
    public async Task Where_nothing_is_allowed_the_health_is_bad()
    {
        _chain.Services.GetRequiredService<GovernanceSignals>().Kill(SignalTarget.All);
        Assert.Equal(GovernanceStatus.Unhealthy, Monitor.GetHealth().Status);

        using var without = new ChainFixture(options => options.RequirePolicy = true, builder => builder.AddMonitoring());
        Assert.Equal((GovernanceStatus.Unhealthy, false), (without.Services.GetRequiredService<GovernanceMonitor>().GetHealth().Status, without.Services.GetRequiredService<GovernanceMonitor>().GetHealth().BackendConnected));
        Assert.Equal(HealthStatus.Unhealthy, (await new GovernanceHealthCheck(without.Services.GetRequiredService<GovernanceMonitor>()).CheckHealthAsync(new HealthCheckContext())).Status);
    }

    [Theory]
    [Requirement("ADP-141", "ADP-146")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_could_not_be_recorded_is_no_allowed_action(bool throws)
    {
        using var chain = new ChainFixture(builder => builder.AddMonitoring().UseDecisionLog(new FailingLog(throws)), new TestInterceptor("silent"));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.OpenAsync());
        GovernanceMonitor monitor = chain.Services.GetRequiredService<GovernanceMonitor>();
        Assert.Equal("audit_unavailable", monitor.LastError!.Reason);
        Assert.Empty(monitor.GetAuditLog());
    }

    private sealed class FailingLog(bool throws) : IDecisionLog
    {
        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken) => Fail();

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken) => Fail();

        private ValueTask Fail() => throws ? throw new IOException("disk") : ValueTask.FromException(new IOException("disk"));
    }
}
