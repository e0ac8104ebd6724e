using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Benchmarks.Chain;

/// <summary>A chain with some interceptors, one open session, and one tool with six arguments.</summary>
internal sealed class ChainHost
{
    internal ChainHost(int interceptors = 0, Action<IGovernanceBuilder>? configure = null)
    {
        var services = new ServiceCollection();
        IGovernanceBuilder builder = services.AddGovernance(options =>
        {
            options.RequirePolicy = configure is not null;
            options.SessionLimits = SessionLimits.Unlimited;
        });
        for (int i = 0; i < interceptors; i++)
        {
            builder.AddInterceptor(new SilentInterceptor("silent-" + i));
        }

        configure?.Invoke(builder);
        builder.UseDecisionLog(new InMemoryDecisionLog(1_024));
        Services = services.BuildServiceProvider();
        Governance = Services.GetRequiredService<IGovernance>();
        Session = Governance.OpenSessionAsync(Agent).AsTask().GetAwaiter().GetResult();
    }

    internal static Principal Agent { get; } = new(AgentId.Parse("bench"));

    internal ServiceProvider Services { get; }

    internal IGovernance Governance { get; }

    internal GovernanceSession Session { get; }

    internal ActionTemplate Tool { get; } = new(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity("Orders.Refund"), "bench");

    internal static Dictionary<string, object?> Arguments { get; } = new()
    {
        ["order"] = "A-10442",
        ["amount"] = 620.5,
        ["currency"] = "EUR",
        ["express"] = true,
        ["items"] = 3,
        ["note"] = "customer called twice",
    };

    internal GovernedValue Capture(out ValueArena arena)
    {
        arena = Governance.RentArena();
        arena.BeginMap();
        foreach (KeyValuePair<string, object?> argument in Arguments)
        {
            arena.Name(argument.Key);
            arena.WriteObject(argument.Value);
        }

        return arena.End(uniqueNames: true);
    }

    /// <summary>A whole round: decide, record, complete, record. The action is made by the caller.</summary>
    internal void Round(GovernedAction action)
    {
        ValueTask<GovernedOperation> authorizing = Governance.AuthorizeAsync(action);
        GovernedOperation operation = Done(authorizing);
        Done(operation.CompleteAsync("done", NoCodec.Instance));
        if (!operation.DisposeAsync().IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("The round waited for something.");
        }
    }

    private static T Done<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : throw new InvalidOperationException("The round waited for something.");

    private sealed class SilentInterceptor(string name) : IInterceptor
    {
        public string Name => name;

        public InterceptorStage Stage => InterceptorStage.Content;

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => default;

        public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) => default;
    }

    private sealed class NoCodec : ResultCodec
    {
        internal static NoCodec Instance { get; } = new();

        public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.From((string?)result);

        public override object? Replace(object? original, GovernedValue value) => value.AsString();
    }
}
