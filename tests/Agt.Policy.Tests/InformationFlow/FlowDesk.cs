using Agt.Approvals;
using Agt.Policy.InformationFlow;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.InformationFlow;

/// <summary>One agent with one session, whose tools count how often they ran.</summary>
internal sealed class FlowDesk : IAsyncDisposable
{
    internal const string AllowAll = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n";
    private readonly ServiceProvider _services;
    private readonly IReadOnlyCollection<string> _labels;
    private readonly Principal _principal = new(AgentId.Parse("agent-1"));
    private readonly Dictionary<string, int> _ran = [];
    private GovernanceSession? _session;

    internal FlowDesk(
        Action<InformationFlowOptions>? configure = null, Func<ApprovalRequest, bool>? approve = null, string policy = AllowAll, IReadOnlyCollection<string>? labels = null,
        bool hostRules = true, Action<PolicyOptions>? options = null)
    {
        _labels = labels ?? [];
        var services = new ServiceCollection();
        services.AddLogging();
        IGovernanceBuilder builder = services.AddGovernance().AddPolicy(policies =>
        {
            policies.Texts.Add(policy);
            options?.Invoke(policies);
        });
        if (hostRules)
        {
            builder.AddInformationFlow(configure);
        }

        builder.AddApprovals((request, _) => ValueTask.FromResult(approve?.Invoke(request) == true ? request.Approve("ann") : request.Reject("ann")));
        _services = services.BuildServiceProvider();
    }

    internal IGovernance Governance => _services.GetRequiredService<IGovernance>();

    internal int Ran(string tool) => _ran.GetValueOrDefault(tool);

    internal async Task<GovernanceSession> SessionAsync() => _session ??= await Governance.OpenSessionAsync(_principal, new SessionOptions { Labels = _labels });

    internal async Task<string?> CallAsync(string tool, ToolEffects effects, string arguments = "{}", string result = "done", bool fails = false, Action? onReturn = null,
        string? source = null, GovernanceSession? session = null, GovernedAction? parent = null, Func<GovernedAction, Task>? inside = null)
    {
        session ??= await SessionAsync();
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, new ToolIdentity(tool, source, effects: effects), "tests");
        var action = new GovernedAction(template, session, GovernedValue.FromJson(arguments), parent: parent);
        GovernedResult<string> given = await Governance.InvokeAsync(
            action, (Desk: this, action, tool, result, fails, inside),
            static async (state, _, _) =>
            {
                state.Desk._ran[state.tool] = state.Desk.Ran(state.tool) + 1;
                await (state.inside?.Invoke(state.action) ?? Task.CompletedTask);
                return state.fails ? throw new InvalidOperationException() : state.result;
            },
            TextCodec.Instance);
        onReturn?.Invoke();
        return given.Value;
    }

    internal async Task SayAsync(string text)
    {
        GovernanceSession session = await SessionAsync();
        var template = new ActionTemplate(InterventionPoint.Input, "input", _principal, null, "tests");
        await Governance.InvokeAsync(new GovernedAction(template, session, GovernedValue.From(text)), 0, static (_, _, _) => ValueTask.FromResult("heard"), TextCodec.Instance);
    }

    /// <summary>A session of its own for another agent of the same host.</summary>
    internal async Task<GovernanceSession> AnotherSessionAsync(string agent) => await Governance.OpenSessionAsync(new Principal(AgentId.Parse(agent)));

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
