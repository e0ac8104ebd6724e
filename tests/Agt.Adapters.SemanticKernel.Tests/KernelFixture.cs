using Agt.Audit;
using Agt.Signals;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>A governance with given interceptors, and a real kernel that it governs.</summary>
internal sealed class KernelFixture : IDisposable
{
    private readonly ServiceProvider _services;

    internal KernelFixture(params IInterceptor[] interceptors)
        : this(_ => { }, interceptors)
    {
    }

    internal KernelFixture(Action<IGovernanceBuilder> configure, params IInterceptor[] interceptors)
        : this(configure, isSilent: true, interceptors)
    {
    }

    internal KernelFixture(bool isSilent, IInterceptor[] interceptors)
        : this(_ => { }, isSilent, interceptors)
    {
    }

    /// <param name="configure">Adds more.</param>
    /// <param name="isSilent">Whether an interceptor that says nothing stands in the chain; it has to see every result whole, so streams are held back.</param>
    /// <param name="interceptors">Those of the test.</param>
    private KernelFixture(Action<IGovernanceBuilder> configure, bool isSilent, IInterceptor[] interceptors)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        IGovernanceBuilder builder = services.AddGovernance(options =>
        {
            options.RequirePolicy = false;
            options.SessionLimits = SessionLimits.Unlimited;
        });
        if (isSilent)
        {
            builder.AddInterceptor(TestInterceptor.Says("silent", Verdict.Allow, InterceptorStage.Identity));
        }

        foreach (IInterceptor interceptor in interceptors)
        {
            builder.AddInterceptor(interceptor);
        }

        configure(builder);
        _services = services.BuildServiceProvider();
        Governance = _services.GetRequiredService<IGovernance>();
        Kernel = new Kernel().AddGovernance(Governance, options => options.Agent = AgentId.Parse("billing-1"));
    }

    internal static Principal Agent { get; } = new(AgentId.Parse("billing-1"));

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal IGovernance Governance { get; }

    internal Kernel Kernel { get; set; }

    internal GovernanceSignals Signals => _services.GetRequiredService<GovernanceSignals>();

    /// <summary>Every decision and outcome but those of start-up.</summary>
    internal IReadOnlyList<LoggedRecord> Records =>
        [.. _services.GetRequiredService<InMemoryDecisionLog>().Snapshot().Where(r => r.Template.Point != InterventionPoint.AgentStartup)];

    /// <summary>The decisions alone.</summary>
    internal IReadOnlyList<LoggedRecord> Decisions => [.. Records.Where(r => r.Status is null)];

    internal void Add(string plugin, string name, Delegate method) =>
        Kernel.Plugins.AddFromFunctions(plugin, [KernelFunctionFactory.CreateFromMethod(method, name)]);

    public void Dispose() => _services.Dispose();
}
