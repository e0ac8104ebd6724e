using Agt.Approvals;
using Agt.Policy.RateLimits;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>Policies in the real chain.</summary>
public class PolicyInterceptorTests
{
    private const string Head = "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrules:\n";
    private const string TwoAMinute = Head + "  - name: slow\n    condition: \"true\"\n    action: rate_limit\n    limit: 2/minute\n";
    private const string OneAMinute = Head + "  - name: slow\n    condition: \"true\"\n    action: rate_limit\n    limit: 1/minute\n";

    [Fact]
    [Requirement("POL-211", "POL-213", "POL-X03")]
    public async Task Calls_over_a_rate_limit_are_denied_with_the_time_to_wait()
    {
        await using var host = new PolicyHost(TwoAMinute);
        Assert.True((await host.DecideAsync("t")).IsAllowed);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await host.DecideAsync("t")).IsAllowed);
        Decision refused = await host.DecideAsync("t");
        Assert.Equal(ReasonCodes.RateLimitExceeded, refused.Reason);
        Assert.Equal(TimeSpan.FromSeconds(50), refused.Contributions[^1].Verdict.Detail!.RetryAfter);
        host.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.True((await host.DecideAsync("t")).IsAllowed);
    }

    [Fact]
    [Requirement("POL-212", Partial = "every rate limit that matches takes, not the winner alone")]
    public async Task A_call_that_a_later_stage_denies_takes_nothing()
    {
        Verdict verdict = Verdict.Deny(ReasonCodes.RequestInvalid);
        await using var host = new PolicyHost(OneAMinute, builder => builder.AddInterceptor(new TestInterceptor("content") { Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? verdict : Verdict.Allow) }));
        Assert.False((await host.DecideAsync("t")).IsAllowed);
        verdict = Verdict.Allow;
        Assert.True((await host.DecideAsync("t")).IsAllowed);
        Assert.Equal(ReasonCodes.RateLimitExceeded, (await host.DecideAsync("t")).Reason);
    }

    [Fact]
    public async Task A_call_that_ran_and_failed_stays_counted()
    {
        await using var host = new PolicyHost(OneAMinute);
        await Assert.ThrowsAsync<TimeoutException>(() => host.DecideAsync("t", failure: new TimeoutException()));
        Assert.Equal(ReasonCodes.RateLimitExceeded, (await host.DecideAsync("t")).Reason);
    }

    [Fact]
    [Requirement("POL-212", Partial = "every rate limit that matches takes, not the winner alone")]
    public async Task A_call_whose_policy_runs_twice_is_counted_once()
    {
        await using var host = new PolicyHost(OneAMinute + "  - name: clean\n    condition: \"has(args.secret)\"\n    action: transform\n    transforms:\n      - path: args.secret\n        op: remove\n");
        Decision decision = await host.DecideAsync("t", """{"secret":"s"}""");
        Assert.True(decision.IsAllowed, decision.Reason.Code);
        Assert.Equal(ReasonCodes.RateLimitExceeded, (await host.DecideAsync("t")).Reason);
    }

    [Fact]
    public async Task A_call_that_a_second_limit_refuses_gives_back_what_the_first_admitted()
    {
        await using var host = new PolicyHost(
            Head + "  - name: all\n    condition: \"true\"\n    action: rate_limit\n    limit: 2/minute\n    priority: 9\n" +
            "  - name: mail\n    condition: \"tool_name == 'mail'\"\n    action: rate_limit\n    limit: 1/minute\n");
        Assert.True((await host.DecideAsync("mail")).IsAllowed);
        Assert.Equal("mail", (await host.DecideAsync("mail")).Contributions[^1].Verdict.Detail!.Rule);
        Assert.True((await host.DecideAsync("read")).IsAllowed);
        Assert.Equal("all", (await host.DecideAsync("read")).Contributions[^1].Verdict.Detail!.Rule);
    }

    [Fact]
    public async Task An_approved_call_is_counted_once_and_decided_again_by_the_policy()
    {
        int asked = 0;
        await using var host = new PolicyHost(
            OneAMinute + "  - name: ask\n    condition: \"true\"\n    action: require_approval\n    approvers: [boss]\n",
            builder => builder.AddApprovals((request, _) =>
            {
                asked++;
                return ValueTask.FromResult(new ApprovalResponse(true, request.Ticket, "boss"));
            }));
        Decision decision = await host.DecideAsync("t");
        Assert.True(decision.IsAllowed, decision.Reason.Code);
        Assert.Equal(1, asked);
        Assert.Equal(ReasonCodes.RateLimitExceeded, (await host.DecideAsync("t")).Reason);
    }

    [Fact]
    public async Task A_store_of_rate_limits_that_throws_denies()
    {
        await using var host = new PolicyHost(OneAMinute, builder => builder.Services.AddSingleton<IRateLimitStore>(new BrokenStore()));
        Assert.False((await host.DecideAsync("t")).IsAllowed);
    }

    [Fact]
    [Requirement("POL-X33")]
    public async Task A_rule_about_the_result_withholds_it()
    {
        await using var host = new PolicyHost(Head + "  - name: secret\n    condition: \"output contains 'secret'\"\n    action: deny\n    stage: post_tool\n");
        await host.DecideAsync("t", result: "fine");
        GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous));
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests");
        GovernedResult<string> result = await host.Governance.InvokeAsync(
            new GovernedAction(template, session, GovernedValue.FromJson("{}")), 0, static (_, _, _) => ValueTask.FromResult("a secret"), TextCodec.Instance);
        Assert.True(result.Executed);
        Assert.Null(result.Value);
    }

    [Theory]
    [Requirement("ADP-132")]
    [InlineData("", true)]
    [InlineData("  - name: calls\n    condition: tool_name == 'x'\n    action: deny\n", true)]
    [InlineData("  - name: secret\n    condition: \"output contains 'secret'\"\n    action: deny\n    stage: post_tool\n", false)]
    public async Task Streams_may_go_out_while_they_come_only_where_no_rule_can_withhold_them(string rules, bool mayGoOut)
    {
        await using var host = new PolicyHost("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n" + (rules.Length > 0 ? rules : "  []\n"));
        GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous));
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests");
        var action = new GovernedAction(template, session, GovernedValue.FromJson("{}"));
        IWindowedInterceptor[] windowed = [.. host.Resolve<IEnumerable<IInterceptor>>().OfType<IWindowedInterceptor>()];
        Assert.Equal(mayGoOut, windowed.All(interceptor => interceptor.BlockedLiterals(action) is { Count: 0 }));
        Assert.Equal(host.Resolve<IEnumerable<IInterceptor>>().Count(), windowed.Length);
    }

    [Fact]
    public async Task A_result_that_no_rule_reads_is_never_frozen()
    {
        await using var host = new PolicyHost(Head + "  - name: quiet\n    condition: \"args.x == 1\"\n    action: deny\n    stage: post_tool\n");
        GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous));
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests");
        var codec = new TextCodec();
        GovernedResult<string> result = await host.Governance.InvokeAsync(
            new GovernedAction(template, session, GovernedValue.FromJson("{}")), 0, static (_, _, _) => ValueTask.FromResult("text"), codec);
        Assert.Equal(("text", 0), (result.Value, codec.Captures));
    }

    /// <summary>Also with rules about the session, labels and limits beside those that match.</summary>
    [Fact]
    [Requirement("POL-099")]
    public async Task A_call_that_is_allowed_allocates_nothing_in_the_policy()
    {
        await using var host = new PolicyHost(
            Head.Replace("rules:\n", "session_attributes:\n  - { name: trust, ordering: [low, high] }\nrules:\n", StringComparison.Ordinal)
            + "  - { name: trusted, condition: \"session.trust == 'high' and args.amount > 10\", action: deny }\n"
            + "  - { name: labelled, condition: \"session.labels contains 'x'\", action: deny }\n"
            + "  - { name: often, condition: \"tool_name == 't'\", action: rate_limit, limit: 1000000/second }\n");
        var principal = new Principal(AgentId.Anonymous);
        GovernanceSession session = await host.Governance.OpenSessionAsync(principal);
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity("t"), "tests");
        GovernedValue arguments = GovernedValue.FromJson("""{"amount":5}""");
        GovernedAction[] actions = [.. Enumerable.Range(0, 4_000).Select(_ => new GovernedAction(template, session, arguments))];
        long before = 0;
        for (int i = 0; i < actions.Length; i++)
        {
            if (i == 3_000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            await using GovernedOperation operation = await host.Governance.AuthorizeAsync(actions[i]);
            await operation.CompleteAsync("done", TextCodec.Instance);
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);
    }

    private sealed class BrokenStore : IRateLimitStore
    {
        public RateLimitWindow? GetWindow(in RateLimitKey key) => throw new TimeoutException("The store does not answer.");
    }
}
