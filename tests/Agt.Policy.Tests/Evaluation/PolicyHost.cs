using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>A host with the real chain and one policy.</summary>
internal sealed class PolicyHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Principal _principal = new(AgentId.Parse("agent-1"), null, "tenant-1");
    private GovernanceSession? _session;

    internal PolicyHost(string yaml, Action<IGovernanceBuilder>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        IGovernanceBuilder builder = services.AddGovernance().AddPolicyText(yaml);
        configure?.Invoke(builder);
        _services = services.BuildServiceProvider();
        Governance = _services.GetRequiredService<IGovernance>();
    }

    internal FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(55));

    internal IGovernance Governance { get; }

    internal PolicyEngine Engine => _services.GetRequiredService<PolicyEngine>();

    internal T Resolve<T>()
        where T : notnull => _services.GetRequiredService<T>();

    internal async Task<Decision> DecideAsync(string tool, string arguments = "{}", string result = "done", Exception? failure = null)
    {
        _session ??= await Governance.OpenSessionAsync(_principal);
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, new ToolIdentity(tool), "tests");
        var action = new GovernedAction(template, _session, GovernedValue.FromJson(arguments));
        GovernedResult<string> given = await Governance.InvokeAsync(
            action, (result, failure), static (state, _, _) => state.failure is null ? ValueTask.FromResult(state.result) : throw state.failure, TextCodec.Instance);
        return given.Decision;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
