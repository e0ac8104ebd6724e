using Agt.Audit;
using Agt.Policy.Advice;
using Agt.Policy.Tests.Evaluation;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Advice;

/// <summary>Checks that do not answer alike each time.</summary>
public sealed class AdvisoryTests
{
    private const string Policy = """
        apiVersion: governance.toolkit/v1
        name: p
        agents: ['*']
        default_action: allow
        rules:
          - {name: no, condition: "tool_name == 'rm'", action: deny}
          - {name: ask, condition: "tool_name == 'pay'", action: require_approval}
          - {name: cut, condition: "tool_name == 'cut'", action: redact, transforms: [{path: args.secret, replacement: "*"}]}
        """;

    [Theory]
    [Requirement("POL-187")]
    [InlineData(AdviceKind.Agree, "read", true, "default_allow")]
    [InlineData(AdviceKind.Deny, "read", false, "policy:advisory_denied")]
    [InlineData(AdviceKind.Escalate, "read", false, "approval_denied")]
    [InlineData(AdviceKind.Agree, "pay", false, "approval_denied")]
    [InlineData((AdviceKind)99, "read", false, "policy:advisory_denied")]
    public async Task Advice_tightens_and_never_allows(AdviceKind advice, string tool, bool allowed, string reason)
    {
        var check = new Check(_ => new AdvisoryOpinion(advice, "looks odd"));
        await using PolicyHost host = Host(check);
        Decision decision = await host.DecideAsync(tool);
        Assert.Equal((allowed, reason), (decision.IsAllowed, decision.Reason.Code));
        Verdict said = Assert.Single(decision.Contributions, one => one.Interceptor == "advisory.judge").Verdict;
        Assert.Equal("deterministic: false. looks odd", said.Detail!.Explanation);
        Assert.DoesNotContain("odd", decision.PublicMessage, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-187")]
    public async Task It_is_not_asked_about_what_is_denied_anyway()
    {
        var check = new Check(_ => default);
        await using PolicyHost host = Host(check);
        Assert.Equal("rule_denied", (await host.DecideAsync("rm")).Reason.Code);
        Assert.Equal(0, check.Asked);
        Assert.Equal("policy:advisory_denied", (await host.DecideAsync("read")).Reason.Code);
        Assert.Equal(1, check.Asked);
    }

    [Fact]
    [Requirement("POL-187")]
    public async Task It_sees_the_arguments_as_they_will_be_used()
    {
        string? seen = null;
        await using PolicyHost host = Host(new Check(arguments =>
        {
            seen = CanonicalJson.ToString(arguments);
            return new AdvisoryOpinion(AdviceKind.Agree);
        }));
        Assert.True((await host.DecideAsync("cut", """{"secret":"x"}""")).IsAllowed);
        Assert.Equal("""{"secret":"*"}""", seen);
    }

    [Fact]
    [Requirement("POL-187")]
    public async Task What_fails_denies_and_is_recorded_as_what_it_is()
    {
        await using PolicyHost host = Host(new Check(_ => throw new HttpRequestException("the key is 123")));
        Decision decision = await host.DecideAsync("read");
        Assert.Equal((false, "policy:advisory_failed", "deterministic: false. The check failed: HttpRequestException."), (decision.IsAllowed, decision.Reason.Code, decision.Detail.Explanation));
        LoggedRecord record = host.Resolve<InMemoryDecisionLog>().Snapshot()[^1];
        Assert.Contains("deterministic: false", record.Decision!.ToCanonicalJson() + record.Decision.Detail.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-187")]
    public async Task Under_the_older_profile_a_failure_warns()
    {
        await using PolicyHost host = Host(new Check(_ => throw new HttpRequestException()), PolicyProfile.AgentOs10);
        Decision decision = await host.DecideAsync("read");
        Assert.True(decision.IsAllowed);
        Assert.Contains(decision.Contributions, one => one.Verdict.Detail?.Reason.Code == "policy:advisory_failed");
    }

    private static PolicyHost Host(Check check, PolicyProfile profile = PolicyProfile.Strict) => new(Policy, builder =>
    {
        builder.AddAdvisoryCheck(check).AddPolicy(options => options.Loading = options.Loading with { Profile = profile });
        builder.AddApprovals((request, _) => ValueTask.FromResult(request.Reject("ann")));
    });

    private sealed class Check(Func<GovernedValue, AdvisoryOpinion> answer) : IAdvisoryCheck
    {
        internal int Asked { get; private set; }

        public string Name => "judge";

        public ValueTask<AdvisoryOpinion> CheckAsync(GovernedAction action, GovernedValue arguments, CancellationToken cancellationToken)
        {
            Asked++;
            return new(answer(arguments));
        }
    }
}
