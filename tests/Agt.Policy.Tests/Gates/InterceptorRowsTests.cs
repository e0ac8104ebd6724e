using Agt.Audit;
using Agt.Policy.Tests.Evaluation;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Gates;

/// <summary>What the specification asks of interceptors, as the chain gives it.</summary>
public sealed class InterceptorRowsTests
{
    private const string AllowAll = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n";

    [Fact]
    [Requirement("POL-180", Partial = "there is no bag of free metadata: what is known of a call beyond its arguments is template, session and facets")]
    public async Task A_request_says_who_calls_what_with_what_and_the_answer_says_why_and_with_what_instead()
    {
        const string Policy = AllowAll + "rules:\n  - {name: cut, condition: \"has(args.card)\", action: redact, transforms: [{path: args.card, replacement: '*'}]}\n";
        GovernedAction? seen = null;
        await using var host = new PolicyHost(Policy, builder => builder.AddInterceptor(new Link("see", context =>
        {
            seen = context.Point == InterventionPoint.PreToolCall ? context.Action : seen;
            return default;
        })));
        var principal = new Principal(AgentId.Parse("agent-1"), "ann", "tenant-1");
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(principal, cancellationToken: TestContext.Current.CancellationToken);
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity("pay", "shop"), "tests");
        GovernedOperation operation = await host.Governance.AuthorizeAsync(
            new GovernedAction(template, session, GovernedValue.FromJson("""{"card":"4111","n":1}"""), callId: "call-7"), TestContext.Current.CancellationToken);

        Assert.Equal(("pay", "call-7", "agent-1", "ann", "shop"), (seen!.Template.Tool!.Name, seen.CallId, seen.Template.Principal.Agent.Value, seen.Template.Principal.User, seen.Template.Tool.Source));
        Assert.Equal("""{"card":"4111","n":1}""", CanonicalJson.ToString(seen.Payload));
        Assert.True(operation.Decision.IsAllowed);
        Assert.Equal("cut", operation.Decision.Detail.Rule);
        Assert.NotNull(operation.Decision.Detail.Explanation);
        Assert.Equal("""{"card":"*","n":1}""", CanonicalJson.ToString(operation.Payload));
        LoggedRecord entry = host.Resolve<InMemoryDecisionLog>().Snapshot()[^1];
        Assert.Equal((operation.DecisionId, "call-7"), (entry.DecisionId, entry.CallId));
        Assert.Same(operation.Decision, entry.Decision);
        await operation.DisposeAsync();
    }

    [Fact]
    [Requirement("POL-182")]
    public async Task The_first_denial_is_the_answer_and_nobody_behind_it_is_asked()
    {
        var asked = new List<string>();
        await using var host = new PolicyHost(AllowAll, builder =>
        {
            builder.AddInterceptor(Asking("one", default)).AddInterceptor(Asking("two", Verdict.Deny(ReasonCodes.RuleDenied, "two says no")))
                .AddInterceptor(Asking("three", Verdict.Deny(ReasonCodes.RuleDenied, "three says no")));
        });
        Decision decision = await host.DecideAsync("read");
        Assert.False(decision.IsAllowed);
        Assert.Equal("two says no", decision.Detail.Explanation);
        Assert.Equal(["one", "two"], asked);

        Link Asking(string name, Verdict verdict) => new(name, context =>
        {
            if (context.Point != InterventionPoint.PreToolCall)
            {
                return default;
            }

            asked.Add(name);
            return verdict;
        });
    }

    [Fact]
    [Requirement("POL-182")]
    public async Task All_have_to_allow_and_each_sees_what_the_one_before_changed()
    {
        string? seen = null;
        const string Policy = AllowAll + "rules:\n  - {name: cut, condition: \"has(args.card)\", action: redact, transforms: [{path: args.card, replacement: '*'}]}\n";
        await using var host = new PolicyHost(Policy, builder => builder.AddInterceptor(new Link("behind", context =>
        {
            seen = context.Point == InterventionPoint.PreToolCall ? CanonicalJson.ToString(context.Payload) : seen;
            return default;
        })));
        Assert.True((await host.DecideAsync("pay", """{"card":"4111"}""")).IsAllowed);
        Assert.Equal("""{"card":"*"}""", seen);
    }

    [Fact]
    [Requirement("POL-182")]
    public async Task A_chain_of_nothing_is_an_error()
    {
        var open = new ServiceCollection();
        open.AddGovernance(options => options.RequirePolicy = false);
        await using ServiceProvider none = open.BuildServiceProvider();
        Assert.Contains("nothing would be governed", Assert.Throws<InvalidOperationException>(none.GetRequiredService<IGovernance>).Message, StringComparison.Ordinal);

        var services = new ServiceCollection();
        services.AddGovernance();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await provider.GetRequiredService<IGovernance>().OpenSessionAsync(new Principal(AgentId.Parse("agent-1"))));
        Assert.Equal(ReasonCodes.PolicyMissing, denied.Decision.Reason);
    }

    private sealed class Link(string name, Func<OperationContext, Verdict> answer) : IInterceptor
    {
        public string Name => name;

        public InterceptorStage Stage => InterceptorStage.Content;

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(answer(context));
    }
}
