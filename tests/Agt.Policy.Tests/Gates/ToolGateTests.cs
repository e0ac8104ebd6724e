using Agt.Approvals;
using Agt.Policy.Gates;
using Agt.Policy.Limits;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Gates;

/// <summary>A gate of lists, on its own in the real chain.</summary>
public sealed class ToolGateTests
{
    [Fact]
    [Requirement("POL-184")]
    [Requirement("ADP-070", "ADP-X06")]
    public async Task The_first_list_that_says_something_decides()
    {
        int asked = 0;
        await using var desk = new Desk(
            gate =>
            {
                gate.DeniedTools.Add("rm");
                gate.EscalatedTools.Add("rm");
                gate.DeniedToolPatterns.Add(new BlockedPattern("^db\\.drop", BlockedPatternKind.Regex));
                gate.EscalatedTools.Add("db.drop_table");
                gate.BlockedContent.Add("secret");
                gate.EscalatedTools.Add("pay");
                gate.AllowedTools = ["read", "rm", "db.drop_table"];
            },
            _ => ++asked > 0);
        Assert.Equal(("policy:blocked_tool", "denied_tools"), await desk.SaidAsync("rm", """{"x":"secret"}"""));
        Assert.Equal(("policy:blocked_tool", "denied_tool_patterns"), await desk.SaidAsync("db.drop_table", """{"x":"secret"}"""));
        Assert.Equal(("policy:blocked_pattern", "blocked_content"), await desk.SaidAsync("pay", """{"x":["SECRET"]}"""));
        Assert.Equal(0, asked);
        Assert.Equal("approved", (await desk.SaidAsync("pay")).Reason);
        Assert.Equal(1, asked);
        Assert.Equal(("tool_not_allowed", "allowed_tools"), await desk.SaidAsync("write"));
        Assert.Equal("allowed", (await desk.SaidAsync("read")).Reason);
        Assert.Equal(2, desk.Ran);
    }

    [Fact]
    [Requirement("POL-184", "POL-X13")]
    [Requirement("ADP-070", "ADP-X06")]
    public async Task What_is_escalated_is_not_allowed_unless_a_person_says_so()
    {
        await using (var desk = new Desk(gate => gate.EscalatedTools.Add("pay"), _ => false))
        {
            Assert.Equal("approval_denied", (await desk.SaidAsync("pay")).Reason);
            Assert.Equal(0, desk.Ran);
        }

        await using var alone = new Desk(gate => gate.EscalatedTools.Add("pay"));
        Assert.Equal("approval_resolver_missing", (await alone.SaidAsync("pay")).Reason);
        Assert.Equal(0, alone.Ran);
    }

    [Theory]
    [InlineData("bash", "policy:blocked_tool")]
    [InlineData("Terminal", "policy:blocked_tool")]
    [InlineData("shell_exec", "policy:blocked_tool")]
    [InlineData("FILES.READ", "allowed")]
    [InlineData("load_file", "allowed")]
    [InlineData("curl", "approval_denied")]
    [InlineData("get_report", "policy:blocked_tool")]
    [Requirement("ADP-025", "ADP-026", "ADP-C07")]
    public async Task Lists_hold_for_a_tool_under_each_of_its_names(string tool, string reason)
    {
        await using var desk = new Desk(
            gate =>
            {
                gate.DeniedTools.Add("run_command");
                gate.DeniedToolPatterns.Add(new BlockedPattern("^reports$", BlockedPatternKind.Regex));
                gate.EscalatedTools.Add("API_call");
                gate.AllowedTools = ["files.Read", "read_file"];
                gate.Aliases = ToolAliases.Default.WithPattern("reports", "get_[a-z]+rt");
            },
            _ => false);

        Assert.Equal(reason, (await desk.SaidAsync(tool)).Reason);
    }

    [Fact]
    [Requirement("ADP-026")]
    public async Task Without_aliases_names_alone_count()
    {
        await using var desk = new Desk(gate => (gate.Aliases, gate.AllowedTools) = (ToolAliases.None, ["shell_execute"]));

        Assert.Equal("tool_not_allowed", (await desk.SaidAsync("bash")).Reason);
        Assert.Equal("allowed", (await desk.SaidAsync("shell_execute")).Reason);
    }

    [Fact]
    [Requirement("POL-X27", "POL-184")]
    public async Task Only_the_effect_escalates_never_the_words_of_a_message()
    {
        int asked = 0;
        const string Policy = """
            apiVersion: governance.toolkit/v1
            name: p
            agents: ['*']
            default_action: allow
            rules:
              - {name: requires_approval, condition: "tool_name == 'pay'", action: deny, message: "requires approval: escalate to a human, require_approval"}
              - {name: quiet, condition: "tool_name == 'wire'", action: require_approval, message: "Fine."}
            """;
        await using var desk = new Desk(
            gate =>
            {
                gate.DeniedTools.Add("escalate");
                gate.DeniedToolPatterns.Add("require_approval");
            },
            _ => ++asked < 0,
            Policy);
        Assert.Equal("rule_denied", (await desk.SaidAsync("pay")).Reason);
        Assert.Equal("policy:blocked_tool", (await desk.SaidAsync("escalate")).Reason);
        Assert.Equal("policy:blocked_tool", (await desk.SaidAsync("require_approval")).Reason);
        Assert.Equal(0, asked);
        Assert.Equal("approval_denied", (await desk.SaidAsync("wire")).Reason);
        Assert.Equal(1, asked);
    }

    [Theory]
    [Requirement("POL-184")]
    [InlineData(0)]
    [InlineData(3)]
    public async Task One_call_more_than_there_may_be_is_denied_before_any_list_is_read(int most)
    {
        await using var desk = new Desk(gate =>
        {
            gate.MaxCalls = most;
            gate.DeniedTools.Add("rm");
        });
        for (int i = 0; i < most; i++)
        {
            // What is denied uses nothing up.
            Assert.Equal("policy:blocked_tool", (await desk.SaidAsync("rm")).Reason);
            Assert.Equal("allowed", (await desk.SaidAsync("read")).Reason);
        }

        Assert.Equal(("max_tool_calls", "max_calls"), await desk.SaidAsync("read"));
        Assert.Equal(("max_tool_calls", "max_calls"), await desk.SaidAsync("rm"));
        Assert.Equal(most, desk.Ran);
    }

    [Fact]
    [Requirement("POL-184")]
    public async Task Of_many_at_once_exactly_as_many_run_as_may()
    {
        await using var desk = new Desk(gate => gate.MaxCalls = 10);
        await desk.SessionAsync();
        Task<(string, string?)>[] calls = [.. Enumerable.Range(0, 64).Select(_ => Task.Run(() => desk.SaidAsync("read")))];
        await Task.WhenAll(calls);
        Assert.Equal(10, desk.Ran);
    }

    [Fact]
    public async Task A_call_that_a_person_refused_uses_nothing_up()
    {
        await using var desk = new Desk(
            gate =>
            {
                gate.MaxCalls = 1;
                gate.EscalatedTools.Add("pay");
            },
            _ => false);
        Assert.Equal("approval_denied", (await desk.SaidAsync("pay")).Reason);
        Assert.Equal("approval_denied", (await desk.SaidAsync("pay")).Reason);
        Assert.Equal("allowed", (await desk.SaidAsync("read")).Reason);
        Assert.Equal("max_tool_calls", (await desk.SaidAsync("read")).Reason);
    }

    [Fact]
    public void What_cannot_be_meant_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddGovernance().AddToolGate(gate => gate.MaxCalls = -1));
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddGovernance().AddToolGate(gate => gate.BlockedContent.Add(new BlockedPattern("(", BlockedPatternKind.Regex))));
    }

    private sealed class Desk : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly Principal _principal = new(AgentId.Parse("agent-1"));
        private GovernanceSession? _session;
        private int _ran;

        internal Desk(Action<ToolGateOptions> gate, Func<ApprovalRequest, bool>? ask = null, string? policy = null)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            IGovernanceBuilder builder = services.AddGovernance(options => options.RequirePolicy = policy is not null).AddToolGate(gate);
            if (ask is not null)
            {
                builder.AddApprovals((request, _) => ValueTask.FromResult(ask(request) ? request.Approve("ann") : request.Reject("ann")));
            }

            if (policy is not null)
            {
                builder.AddPolicyText(policy);
            }

            // The host's own bound would come first.
            services.Configure<GovernanceOptions>(options => options.SessionLimits = SessionLimits.Unlimited);
            _services = services.BuildServiceProvider();
        }

        internal int Ran => _ran;

        internal async Task<GovernanceSession> SessionAsync() => _session ??= await _services.GetRequiredService<IGovernance>().OpenSessionAsync(_principal);

        internal async Task<(string Reason, string? Rule)> SaidAsync(string tool, string arguments = "{}")
        {
            var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, new ToolIdentity(tool), "tests");
            GovernedResult<string> given = await _services.GetRequiredService<IGovernance>().InvokeAsync(
                new GovernedAction(template, await SessionAsync(), GovernedValue.FromJson(arguments)), this,
                static (desk, _, _) =>
                {
                    Interlocked.Increment(ref desk._ran);
                    return ValueTask.FromResult("done");
                },
                TextCodec.Instance);
            return (given.Decision.Reason.Code, given.Decision.Detail.Rule);
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
