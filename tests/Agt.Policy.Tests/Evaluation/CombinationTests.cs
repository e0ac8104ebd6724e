using Agt.Policy.Acs;
using Agt.Policy.Classification;
using Agt.Policy.Tests.Acs;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>What several rules, and several sources, mean together.</summary>
public sealed class CombinationTests
{
    private const string Head = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n";

    [Theory]
    [InlineData("deny", "require_approval", VerdictOutcome.Deny)]
    [InlineData("deny", "transform", VerdictOutcome.Deny)]
    [InlineData("require_approval", "transform", VerdictOutcome.Escalate)]
    [InlineData("require_approval", "warn", VerdictOutcome.Escalate)]
    [InlineData("require_approval", "allow", VerdictOutcome.Escalate)]
    [InlineData("transform", "warn", VerdictOutcome.Warn)]
    [InlineData("transform", "allow", VerdictOutcome.Allow)]
    [InlineData("warn", "audit", VerdictOutcome.Warn)]
    [InlineData("audit", "allow", VerdictOutcome.Allow)]
    [Requirement("POL-073")]
    public void The_severer_effect_holds_in_either_order(string severe, string mild, VerdictOutcome outcome)
    {
        foreach ((string first, string second) in new[] { (severe, mild), (mild, severe) })
        {
            Verdict verdict = Decide(Head + Rule("a", first, 100) + Rule("b", second, 1));
            Assert.Equal(outcome, verdict.Outcome);
            if (outcome != VerdictOutcome.Deny && (severe == "transform" || mild == "transform"))
            {
                // A transform stands beside the outcome: what is held for a person is changed as well.
                Assert.Single(verdict.Detail!.Patches);
            }
        }
    }

    /// <summary>Over its limit a call is denied, and nobody can approve past that.</summary>
    [Fact]
    [Requirement("POL-073")]
    public async Task Over_a_limit_is_a_denial_beside_a_rule_that_asks()
    {
        int asked = 0;
        await using var host = new Sources(Head + "  - { name: few, condition: 'true', action: rate_limit, limit: 1/hour }\n" + Rule("ask", "require_approval", 0), approve: () => ++asked > 0);
        Assert.True((await host.DecideAsync()).IsAllowed);
        Decision second = await host.DecideAsync();
        Assert.False(second.IsAllowed);
        Assert.Equal(DenialCategory.RateLimited, second.Reason.Category);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(ConflictStrategy.DenyOverrides)]
    [InlineData(ConflictStrategy.AllowOverrides)]
    [InlineData(ConflictStrategy.PriorityFirstMatch)]
    [InlineData(ConflictStrategy.MostSpecificWins)]
    [Requirement("POL-139")]
    public async Task Across_sources_the_severest_wins_under_every_strategy(ConflictStrategy strategy)
    {
        foreach ((string rules, string manifest, bool allowed) in new[]
        {
            ("allow", "allow", true), ("allow", "deny", false), ("deny", "allow", false), ("allow", "escalate", false), ("require_approval", "allow", false), ("require_approval", "warn", false), ("warn", "warn", true),
        })
        {
            await using var host = new Sources(Head + Rule("r", rules, 1_000), manifest, strategy);
            Assert.Equal(allowed, (await host.DecideAsync()).IsAllowed);
        }
    }

    [Theory]
    [InlineData("tool_name == 'pay'", true)]
    [InlineData("tool_name matches '^pa.$'", true)]
    [InlineData("data_facts.class == 'CONFIDENTIAL'", true)]
    [InlineData("tool_name == 'read'", false)]
    [Requirement("POL-233")]
    public async Task A_person_is_asked_by_name_by_pattern_or_by_class_and_otherwise_nobody(string condition, bool asks)
    {
        int asked = 0;
        await using var host = new Sources(
            Head + $"  - name: ask\n    condition: \"{condition}\"\n    action: require_approval\n", approve: () => ++asked > 0,
            configure: builder => builder.AddDataClassification(data => data.ReadFrom("class").Allow("*", new DataAccessPolicy { MaxClass = DataClass.TopSecret })));
        Assert.True((await host.DecideAsync("""{"class":"CONFIDENTIAL"}""")).IsAllowed);
        Assert.Equal(asks ? 1 : 0, asked);
    }

    [Theory]
    [InlineData("pre_input", InterventionPoint.Input)]
    [InlineData("pre_model", InterventionPoint.PreModelCall)]
    [InlineData("post_model", InterventionPoint.PostModelCall)]
    [InlineData("pre_tool", InterventionPoint.PreToolCall)]
    [InlineData("post_tool", InterventionPoint.PostToolCall)]
    [InlineData("pre_output", InterventionPoint.Output)]
    [InlineData("startup", InterventionPoint.AgentStartup)]
    [InlineData("shutdown", InterventionPoint.AgentShutdown)]
    [Requirement("POL-X33")]
    public void Eight_stages_are_the_eight_points(string stage, InterventionPoint point)
    {
        CompiledPolicySet set = PolicySet.Compile(PolicyLoader.LoadText(Head + $"  - {{ name: r, condition: 'true', action: deny, stage: {stage} }}\n").GetDocuments());
        foreach (InterventionPoint begins in Enum.GetValues<InterventionPoint>().Where(known => known.BeginsAction()))
        {
            var template = new ActionTemplate(begins, "run", new Principal(AgentId.Anonymous), begins == InterventionPoint.PreToolCall ? new ToolIdentity("t") : null, "tests");
            foreach (InterventionPoint at in new[] { begins, begins.ResultPoint() })
            {
                var input = new PolicyInput(template, GovernedValue.FromJson("{}")) { Point = at };
                Assert.Equal(at == point ? VerdictOutcome.Deny : VerdictOutcome.Allow, set.Evaluate(in input).Outcome);
            }
        }
    }

    [Fact]
    [Requirement("POL-012")]
    public void What_is_for_other_modules_is_kept_for_them()
    {
        PolicyDocument document = PolicyLoader.LoadText(Head.Replace("rules:\n", "network_allowlist: [a.example, b.example]\na2a_conversation_policy: { max_turns: 3 }\nrules: []\n", StringComparison.Ordinal)).GetDocuments()[0];
        Assert.Equal(["a.example", "b.example"], document.NetworkAllowlist!);
        Assert.Equal("""{"max_turns":3}""", CanonicalJson.ToString(document.ConversationPolicy));
        PolicyDocument agentOs = PolicyLoader.LoadText("defaults: { action: allow }\nnetwork_allowlist: [c.example]\nrules: []\n").GetDocuments()[0];
        Assert.Equal(["c.example"], agentOs.NetworkAllowlist!);
        Assert.True(agentOs.ConversationPolicy.IsAbsent);
    }

    private static string Rule(string name, string action, int priority) =>
        $"  - {{ name: {name}, condition: 'true', action: {action}, priority: {priority}{(action == "transform" ? ", transforms: [{ path: args.x, op: remove }]" : string.Empty)} }}\n";

    private static Verdict Decide(string policy)
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests");
        var input = new PolicyInput(template, GovernedValue.FromJson("""{"x":1}"""));
        return PolicySet.Compile(PolicyLoader.LoadText(policy).GetDocuments()).Evaluate(in input);
    }

    /// <summary>A host with policies and, if wanted, a manifest beside them.</summary>
    private sealed class Sources : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly Principal _principal = new(AgentId.Parse("agent-1"));
        private GovernanceSession? _session;

        internal Sources(string policy, string? manifest = null, ConflictStrategy? strategy = null, Func<bool>? approve = null, Action<IGovernanceBuilder>? configure = null)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            IGovernanceBuilder builder = services.AddGovernance().AddPolicy(options =>
            {
                options.Texts.Add(policy);
                options.Strategy = strategy;
            });
            if (manifest is not null)
            {
                builder.AddAcs(
                    AcsManifestLoader.LoadText("agent_control_specification_version: 0.3.1-beta\npolicies: { p: { type: test } }\nintervention_points: { pre_tool_call: { policy_target: $.tool_call, policy: { id: p } } }\n").GetManifest(),
                    acs => acs.Runtime.Engines["test"] = new AcsStub { Policy = _ => AcsCorpus.Value($$"""{"decision":"{{manifest}}"}""") });
            }

            builder.AddApprovals((request, _) => ValueTask.FromResult(approve?.Invoke() == true ? request.Approve("ann") : request.Reject("ann")));
            configure?.Invoke(builder);
            _services = services.BuildServiceProvider();
        }

        internal async Task<Decision> DecideAsync(string arguments = "{}")
        {
            IGovernance governance = _services.GetRequiredService<IGovernance>();
            _session ??= await governance.OpenSessionAsync(_principal);
            var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, new ToolIdentity("pay"), "tests");
            GovernedResult<string> result = await governance.InvokeAsync(
                new GovernedAction(template, _session, GovernedValue.FromJson(arguments)), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
            return result.Decision;
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
