using Agt.Policy.Backends;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Evaluation;

public sealed class BackendTests
{
    private const string Allowing = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - { name: named, condition: \"tool_name == 'named'\", action: allow }\n  - { name: never, condition: \"tool_name == 'never'\", action: deny }\n";

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [Requirement("POL-260")]
    [Requirement("POL-261")]
    public async Task All_engines_have_to_allow(bool first, bool second, bool allowed)
    {
        await using var host = new Host(PolicyProfile.Strict, new Engine("one", _ => new PolicyBackendResult(first)), new Engine("two", _ => new PolicyBackendResult(second)));
        Assert.Equal(allowed, (await host.DecideAsync("t")).IsAllowed);
        Assert.False((await host.DecideAsync("never")).IsAllowed);
    }

    [Fact]
    [Requirement("POL-262")]
    public async Task An_engine_that_fails_is_late_or_talks_nonsense_denies()
    {
        var clock = new FakeTimeProvider();
        foreach (Func<PolicyBackendRequest, PolicyBackendResult> answer in new Func<PolicyBackendRequest, PolicyBackendResult>[]
        {
            _ => throw new InvalidOperationException("down"),
            _ => null!,
            _ => new PolicyBackendResult(true) { Error = "no policy" },
            _ => new PolicyBackendResult(true) { Effect = (PolicyBackendEffect)9 },
            _ => new PolicyBackendResult(true) { Effect = PolicyBackendEffect.Transform },
            _ => new PolicyBackendResult(true) { Patches = [Patch.Remove(PatchPath.Parse("args.x"))] },
            _ => new PolicyBackendResult(true) { HasOpinion = false },
        })
        {
            await using var host = new Host(PolicyProfile.Strict, new Engine("one", answer));
            Assert.False((await host.DecideAsync("t")).IsAllowed);
        }

        await using var slow = new Host(PolicyProfile.Strict, clock, new Hanging(clock));
        Task<Decision> late = slow.DecideAsync("t");
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("policy:backend_failed", (await late).Reason.Code);
    }

    [Fact]
    [Requirement("POL-263")]
    public async Task What_an_engine_said_is_in_the_record_of_the_decision()
    {
        Digest digest = Digest.Of("policies"u8);
        await using var host = new Host(PolicyProfile.Strict, new Engine("opa", _ => new PolicyBackendResult(false)
        {
            Reason = "weekend", DeterminingPolicies = ["p1", "p2"], Query = "data.agentos.allow", PolicyDigest = digest, PublicMessage = "Not on Sundays.",
        }));
        Decision decision = await host.DecideAsync("t");
        Assert.Equal(("external:opa", "p1, p2", digest, "Not on Sundays."), (decision.Detail.Policy, decision.Detail.Rule, decision.Detail.PolicyDigest, decision.PublicMessage));
        Assert.Matches(@"^weekend \(backend opa, [0-9.]+ ms, query data\.agentos\.allow\)$", decision.Detail.Explanation);
    }

    [Fact]
    [Requirement("POL-260")]
    public async Task An_engine_may_warn_change_and_ask_a_person()
    {
        await using var warning = new Host(PolicyProfile.Strict, new Engine("one", _ => new PolicyBackendResult(true) { Effect = PolicyBackendEffect.Warn, Reason = "careful" }));
        Assert.Equal(VerdictOutcome.Warn, (await warning.DecideAsync("t")).Outcome);
        await using var asking = new Host(PolicyProfile.Strict, new Engine("one", _ => new PolicyBackendResult(true) { Effect = PolicyBackendEffect.RequireApproval }));
        Assert.False((await asking.DecideAsync("t")).IsAllowed);
        await using var changing = new Host(PolicyProfile.Strict, new Engine("one", request => request.Payload.TryGetMember("x", out _)
            ? new PolicyBackendResult(true) { Effect = PolicyBackendEffect.Transform, Patches = [Patch.Remove(PatchPath.Parse("args.x"))] }
            : new PolicyBackendResult(true)));
        Decision changed = await changing.DecideAsync("t");
        Assert.True(changed.IsAllowed);
        Assert.True(changed.HasPatches);
    }

    [Fact]
    [Requirement("POL-261")]
    [Requirement("POL-262")]
    public async Task In_the_original_s_profile_engines_are_asked_in_turn_where_no_rule_matched()
    {
        var asked = new List<string>();
        Engine Of(string name, Func<PolicyBackendResult> answer) => new(name, _ =>
        {
            asked.Add(name);
            return answer();
        });
        await using var host = new Host(
            PolicyProfile.AgentOs10,
            Of("broken", () => throw new InvalidOperationException()), Of("silent", () => new PolicyBackendResult(true) { HasOpinion = false }), Of("deciding", () => new PolicyBackendResult(false)), Of("late", () => new PolicyBackendResult(true)));
        asked.Clear();
        Assert.False((await host.DecideAsync("t")).IsAllowed);
        Assert.Equal(["broken", "silent", "deciding"], asked.TakeLast(3));
        asked.Clear();
        Assert.True((await host.DecideAsync("named")).IsAllowed);
        Assert.Empty(asked);
        await using var none = new Host(PolicyProfile.AgentOs10, Of("broken", () => throw new InvalidOperationException()));
        Assert.True((await none.DecideAsync("t")).IsAllowed);
    }

    private sealed class Engine(string name, Func<PolicyBackendRequest, PolicyBackendResult> answer) : IPolicyBackend
    {
        public string Name => name;

        public ValueTask<PolicyBackendResult> EvaluateAsync(PolicyBackendRequest request, CancellationToken cancellationToken) =>
            request.Point is InterventionPoint.PreToolCall ? new(answer(request)) : new(new PolicyBackendResult(true));
    }

    private sealed class Hanging(TimeProvider clock) : IPolicyBackend
    {
        public string Name => "hanging";

        public async ValueTask<PolicyBackendResult> EvaluateAsync(PolicyBackendRequest request, CancellationToken cancellationToken)
        {
            if (request.Point == InterventionPoint.PreToolCall)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, CancellationToken.None);
            }

            return new PolicyBackendResult(true);
        }
    }

    private sealed class Host : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly Principal _principal = new(AgentId.Parse("agent-1"));
        private GovernanceSession? _session;

        internal Host(PolicyProfile profile, params IPolicyBackend[] backends)
            : this(profile, TimeProvider.System, backends)
        {
        }

        internal Host(PolicyProfile profile, TimeProvider clock, params IPolicyBackend[] backends)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddSingleton(clock);
            IGovernanceBuilder builder = services.AddGovernance(options => options.EvaluationTimeout = TimeSpan.FromMinutes(1)).AddPolicy(options =>
            {
                options.Texts.Add(Allowing);
                options.Loading = options.Loading with { Profile = profile };
            });
            foreach (IPolicyBackend backend in backends)
            {
                builder.AddPolicyBackend(_ => backend);
            }

            _services = services.BuildServiceProvider();
        }

        internal async Task<Decision> DecideAsync(string tool)
        {
            IGovernance governance = _services.GetRequiredService<IGovernance>();
            _session ??= await governance.OpenSessionAsync(_principal);
            var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, new ToolIdentity(tool), "tests");
            GovernedResult<string> result = await governance.InvokeAsync(
                new GovernedAction(template, _session, GovernedValue.FromJson("""{"x":1}""")), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
            return result.Decision;
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
