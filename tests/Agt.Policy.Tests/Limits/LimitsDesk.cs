using Agt.Approvals;
using Agt.Events;
using Agt.Policy.Limits;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Limits;

/// <summary>One session of one agent under a policy of limits, through the real chain.</summary>
internal sealed class LimitsDesk : IAsyncDisposable, IGovernanceObserver
{
    private readonly ServiceProvider _services;
    private readonly Principal _principal = new(AgentId.Parse("agent-1"));
    private GovernanceSession? _session;

    internal LimitsDesk(
        GovernancePolicy policy,
        Func<ApprovalRequest, bool>? ask = null,
        PolicyMode mode = PolicyMode.Enforce,
        Action<IGovernanceBuilder>? configure = null,
        Action<GovernanceLimitOptions>? limits = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        IGovernanceBuilder builder = services.AddGovernance().AddObserver(this).AddGovernancePolicy(policy, limits ?? (_ => { })).AddPolicy(options => options.Mode = mode);
        builder.AddApprovals((request, _) => ValueTask.FromResult(ask?.Invoke(request) == true ? request.Approve("ann") : request.Reject("ann")));
        configure?.Invoke(builder);
        _services = services.BuildServiceProvider();
        Monitor.Raised += (_, args) => Events.Add((args.What, args.Value));
    }

    internal FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(55));

    internal List<(LimitEvent What, double Value)> Events { get; } = [];

    internal LimitMonitor Monitor => _services.GetRequiredService<LimitMonitor>();

    /// <summary>What observers are told of checkpoints and drift.</summary>
    internal List<(string Kind, double Value)> Seen { get; } = [];

    internal GovernanceSession? Session => _session;

    internal int Ran { get; private set; }

    public void OnEvent(in GovernanceEvent governanceEvent)
    {
        if (governanceEvent.Value is { } value)
        {
            Seen.Add((governanceEvent.Kind == GovernanceEventKind.DriftDetected ? "drift_detected" : "checkpoint_created", value));
        }
    }

    internal async Task<IReadOnlyList<Checkpoint>> CheckpointsAsync() =>
        await _services.GetRequiredService<ICheckpointStore>().ListAsync(_session!.Principal.Agent, _session.Id);

    internal async Task<Decision> CallAsync(string tool, string arguments = "{}", string result = "done", bool fails = false, Task? wait = null) =>
        (await InvokeAsync(tool, arguments, result, fails, wait)).Decision;

    internal async Task<GovernedResult<string>> InvokeAsync(string tool, string arguments = "{}", string result = "done", bool fails = false, Task? wait = null)
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, new ToolIdentity(tool), "tests");
        return await Run(template, GovernedValue.FromJson(arguments), result, fails, wait);
    }

    internal async Task<Decision> SayAsync(string text) =>
        (await Run(new ActionTemplate(InterventionPoint.Input, "input", _principal, null, "tests"), GovernedValue.From(text), "heard", false, null)).Decision;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private async Task<GovernedResult<string>> Run(ActionTemplate template, GovernedValue payload, string result, bool fails, Task? wait)
    {
        IGovernance governance = _services.GetRequiredService<IGovernance>();
        _session ??= await governance.OpenSessionAsync(_principal);
        return await governance.InvokeAsync(
            new GovernedAction(template, _session, payload), (Desk: this, result, fails, wait),
            static async (state, _, _) =>
            {
                await (state.wait ?? Task.CompletedTask);
                state.Desk.Ran++;
                return state.fails ? throw new InvalidOperationException() : state.result;
            },
            TextCodec.Instance);
    }
}
