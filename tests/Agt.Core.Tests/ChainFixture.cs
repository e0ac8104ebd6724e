using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Core.Tests;

/// <summary>A chain with given interceptors, a fake clock, an in-memory log, and one agent that calls one tool.</summary>
internal sealed class ChainFixture : IDisposable
{
    private readonly ServiceProvider _services;

    internal ChainFixture(params IInterceptor[] interceptors)
        : this(_ => { }, interceptors)
    {
    }

    internal ChainFixture(Action<IGovernanceBuilder> configure, params IInterceptor[] interceptors)
        : this(options => options.RequirePolicy = false, configure, interceptors)
    {
    }

    internal ChainFixture(Action<GovernanceOptions> options, Action<IGovernanceBuilder> configure, params IInterceptor[] interceptors)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(Logs)));
        IGovernanceBuilder builder = services.AddGovernance(configured =>
        {
            configured.SessionLimits = SessionLimits.Unlimited;
            options(configured);
        });
        foreach (IInterceptor interceptor in interceptors)
        {
            builder.AddInterceptor(interceptor);
        }

        configure(builder);
        _services = services.BuildServiceProvider();
        Governance = _services.GetRequiredService<IGovernance>();
    }

    internal static Principal Agent { get; } = new(AgentId.Parse("billing-1"));

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal FakeLogCollector Logs { get; } = FakeLogCollector.Create(new FakeLogCollectorOptions());

    internal IGovernance Governance { get; }

    internal IServiceProvider Services => _services;

    internal ActionTemplate Tool { get; } = new(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity("Files.Delete"), "test");

    internal ActionTemplate Model { get; } = new(InterventionPoint.PreModelCall, "chat", Agent, null, "test");

    internal IReadOnlyList<LoggedRecord> Records => [.. _services.GetRequiredService<InMemoryDecisionLog>().Snapshot().Where(r => r.Template.Point != InterventionPoint.AgentStartup)];

    internal static GovernedValue Arguments { get; } = GovernedValue.FromJson("""{"path":"/data/a","force":true}""");

    internal ValueTask<GovernanceSession> OpenAsync(SessionLimits? limits = null, bool live = false) =>
        Governance.OpenSessionAsync(Agent, new SessionOptions { Limits = limits, LivePolicy = live });

    internal GovernedAction Call(GovernanceSession session, GovernedValue? arguments = null, GovernedAction? parent = null) =>
        new(Tool, session, arguments ?? Arguments, callId: "call-1", parent: parent);

    /// <summary>Runs one tool call whose effect returns the arguments it was given, as JSON.</summary>
    internal async Task<GovernedResult<string>> RunAsync(Action? onEffect = null, GovernanceSession? session = null, CancellationToken cancellationToken = default)
    {
        session ??= await OpenAsync();
        return await Governance.InvokeAsync(
            Call(session),
            onEffect,
            static (hook, operation, _) =>
            {
                hook?.Invoke();
                return new ValueTask<string>(CanonicalJson.ToString(operation.Payload));
            },
            TextCodec.Instance,
            cancellationToken);
    }

    public void Dispose() => _services.Dispose();
}
