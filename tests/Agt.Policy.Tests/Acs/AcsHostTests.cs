using System.Text;
using Agt.Approvals;
using Agt.Policy.Acs;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Acs;

/// <summary>A manifest in the chain: what it says at each of the eight points is what happens.</summary>
public sealed class AcsHostTests
{
    private const string Manifest = """
        agent_control_specification_version: 0.3.1-beta
        metadata: { name: desk }
        policies: { p: { type: test } }
        tools: { mail.send: { clearance: internal }, search: { clearance: public } }
        intervention_points:
          agent_startup: { policy_target: $.agent_init, policy: { id: p } }
          input: { policy_target: $.input.body, policy: { id: p } }
          pre_model_call: { policy_target: $.messages, policy: { id: p } }
          post_model_call: { policy_target: $.response, policy: { id: p } }
          pre_tool_call: { policy_target: $.tool_call, tool_name_from: $.tool_call.name, policy: { id: p } }
          post_tool_call: { policy_target: $.tool_result.value, policy: { id: p } }
          output: { policy_target: $.response.content, policy: { id: p } }
          agent_shutdown: { policy_target: $.summary, policy: { id: p } }
        """;

    [Fact]
    [Requirement("POL-430")]
    public async Task Each_point_has_the_snapshot_of_the_specification()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
        await using var desk = new Desk(_ => """{"decision":"allow"}""", clock: clock);
        await desk.RunAsync(InterventionPoint.AgentStartup, """{"role":"clerk"}""", "\"bye\"");
        await desk.RunAsync(InterventionPoint.Input, "\"hello\"", "\"answer\"");
        await desk.RunAsync(InterventionPoint.PreModelCall, """{"model":"m","messages":[{"role":"user","content":"hello"}],"tools":[]}""", """{"content":"hi"}""");
        clock.Advance(TimeSpan.FromSeconds(2));
        await desk.RunAsync(InterventionPoint.PreToolCall, """{"to":"ann"}""", "\"sent\"", "mail.send", "call-1");
        const string Envelope = """"agent":{"id":"agent-1"},"budgets":{"elapsed_seconds":#,"token_count":0,"tool_call_count":*},"intervention_point":"@","session":{"id":"%"},"tenant":"t","timestamp":"2026-11-23T08:00:0!.000Z"}"""";
        string[] expected =
        [
            """{"agent_init":{"role":"clerk"},"envelope":{""",
            ""","summary":"bye"}""",
            """,input":{"body":"hello","ifc":{"source_labels":[]},"source":"run"}}""".Replace(",input", ",\"input", StringComparison.Ordinal),
            ""","response":{"content":"answer"}}""",
            ""","messages":[{"content":"hello","role":"user"}],"model":"m","tools":[]}""",
            ""","model":"m","response":{"content":"hi"}}""",
            ""","tool_call":{"args":{"to":"ann"},"id":"call-1","name":"mail.send"}}""",
            ""","tool_call":{"args":{"to":"ann"},"id":"call-1","name":"mail.send"},"tool_result":{"duration_ms":0,"error":null,"value":"sent"}}""",
        ];
        Assert.Equal(expected.Length, desk.Snapshots.Count);
        Assert.All(expected, (part, index) => Assert.Contains(part, desk.Snapshots[index], StringComparison.Ordinal));
        string last = Envelope.Replace("#", "2.0", StringComparison.Ordinal).Replace("*", "1", StringComparison.Ordinal).Replace("@", "post_tool_call", StringComparison.Ordinal)
            .Replace("%", desk.SessionId, StringComparison.Ordinal).Replace("!", "2", StringComparison.Ordinal);
        Assert.Contains(last, desk.Snapshots[^1], StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-430")]
    public async Task An_id_that_the_framework_does_not_give_is_not_invented()
    {
        await using var desk = new Desk(_ => """{"decision":"allow"}""");
        await desk.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent\"", "mail.send");
        Assert.Contains(""","tool_call":{"args":{},"name":"mail.send"}}""", desk.Snapshots[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"decision":"deny","reason":"no","message":"Ask Ann."}""", null, "policy:acs_denied")]
    [InlineData("""{"decision":"escalate","reason":"large"}""", null, "approval_denied")]
    [InlineData("""{"decision":"block"}""", null, AcsReasons.PolicyOutputInvalid)]
    [InlineData("""{"decision":"transform","transform":{"path":"$policy_target.name","value":"x"}}""", null, AcsReasons.TransformInvalid)]
    [InlineData("""{"decision":"warn","reason":"careful"}""", "\"sent {}\"", null)]
    [Requirement("POL-433")]
    public async Task A_denied_or_unresolved_action_never_runs(string verdict, string? result, string? code)
    {
        await using var desk = new Desk(asked => asked.Point == InterventionPoint.PreToolCall ? verdict : """{"decision":"allow"}""");
        GovernedResult<string> given = await desk.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent {}\"", "mail.send");
        Assert.Equal(result, given.Value);
        Assert.Equal(result is null ? 0 : 1, desk.Ran);
        Assert.Equal(code, given.Decision.IsAllowed ? null : given.Decision.Reason.Code);
        Assert.Equal(code == "policy:acs_denied" ? "Ask Ann." : null, code == "policy:acs_denied" ? given.Decision.PublicMessage : null);
    }

    [Fact]
    [Requirement("POL-407")]
    [Requirement("POL-433")]
    public async Task A_tool_that_is_not_in_the_catalog_does_not_run()
    {
        await using var desk = new Desk(_ => """{"decision":"allow"}""");
        GovernedResult<string> given = await desk.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent\"", "rm");
        Assert.Equal(AcsReasons.ToolUnknown, given.Decision.Reason.Code);
        Assert.Equal(0, desk.Ran);
    }

    [Fact]
    [Requirement("POL-433")]
    public async Task What_runs_is_the_transformed_target()
    {
        await using var desk = new Desk(asked => asked.Point switch
        {
            InterventionPoint.PreToolCall when !Encoding.UTF8.GetString(asked.CanonicalInput.Span).Contains("REDACTED", StringComparison.Ordinal) =>
                """{"decision":"transform","transform":{"path":"$policy_target.args.to[0].mail","value":"REDACTED"}}""",
            InterventionPoint.PostToolCall => """{"decision":"transform","transform":{"path":"$policy_target","value":"nothing to see"}}""",
            _ => """{"decision":"allow"}""",
        });
        GovernedResult<string> given = await desk.RunAsync(InterventionPoint.PreToolCall, """{"to":[{"mail":"ann@a.example"}]}""", "\"sent to ann@a.example\"", "mail.send");
        Assert.Equal("""{"to":[{"mail":"REDACTED"}]}""", desk.LastArguments);
        Assert.Equal("\"nothing to see\"", given.Value);
    }

    [Fact]
    [Requirement("POL-433")]
    public async Task An_approval_runs_it_once_and_a_result_that_is_held_is_not_produced_again()
    {
        int asked = 0;
        await using var desk = new Desk(
            one => one.Point is InterventionPoint.PreToolCall or InterventionPoint.PostToolCall ? """{"decision":"escalate","reason":"look"}""" : """{"decision":"allow"}""",
            request => ++asked == 1);
        GovernedResult<string> given = await desk.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent\"", "mail.send");
        Assert.Equal(2, asked);
        Assert.Equal(1, desk.Ran);
        Assert.Null(given.Value);
        Assert.False(given.Decision.IsAllowed);
    }

    [Fact]
    [Requirement("POL-415")]
    [Requirement("POL-428")]
    public async Task Labels_of_a_result_come_back_as_source_labels()
    {
        await using var desk = new Desk(asked => asked.Point == InterventionPoint.PostToolCall ? """{"decision":"allow","result_labels":["confidential"]}""" : """{"decision":"allow"}""");
        await desk.RunAsync(InterventionPoint.PreToolCall, "{}", "\"found\"", "search");
        await desk.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent\"", "mail.send");
        Assert.DoesNotContain("source_labels", desk.Snapshots[0], StringComparison.Ordinal);
        Assert.Contains(""","ifc":{"source_labels":["confidential"]},""", desk.Snapshots[2], StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-403")]
    public async Task A_point_that_the_manifest_leaves_out_is_left_to_others_or_denied_as_the_host_says()
    {
        const string Little = "agent_control_specification_version: 0.3.1-beta\npolicies: { p: { type: test } }\nintervention_points: { output: { policy_target: $.response.content, policy: { id: p } } }\n";
        await using var open = new Desk(_ => """{"decision":"allow"}""", manifest: Little);
        Assert.True((await open.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent\"", "mail.send")).Decision.IsAllowed);
        await using var closed = new Desk(_ => """{"decision":"allow"}""", manifest: Little, deny: true);
        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(() => closed.RunAsync(InterventionPoint.PreToolCall, "{}", "\"sent\"", "mail.send"));
        Assert.Equal(AcsReasons.InterventionPointUnknown, denied.Decision.Reason.Code);
    }

    [Theory]
    [InlineData("allow", "allow", true)]
    [InlineData("allow", "deny", false)]
    [InlineData("deny", "allow", false)]
    public async Task Two_manifests_both_have_to_permit(string first, string second, bool permits)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        IGovernanceBuilder builder = services.AddGovernance();
        foreach (string decision in new[] { first, second })
        {
            builder.AddAcs(
                AcsManifestLoader.LoadText("agent_control_specification_version: 0.3.1-beta\npolicies: { p: { type: test } }\nintervention_points: { input: { policy_target: $.input, policy: { id: p } } }\n").GetManifest(),
                acs => acs.Runtime.Engines["test"] = new AcsStub { Policy = _ => AcsCorpus.Value($$"""{"decision":"{{decision}}"}""") });
        }

        await using ServiceProvider provider = services.BuildServiceProvider();
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        var principal = new Principal(AgentId.Parse("agent-1"));
        GovernanceSession session = await governance.OpenSessionAsync(principal, cancellationToken: TestContext.Current.CancellationToken);
        var template = new ActionTemplate(InterventionPoint.Input, "run", principal, null, "tests");
        GovernedResult<string> given = await governance.InvokeAsync(
            new GovernedAction(template, session, GovernedValue.From("x")), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(permits, given.IsAllowed);
    }

    [Fact]
    public void A_manifest_that_is_refused_stops_the_start()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddGovernance().AddAcs("no-such-manifest.yaml");
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains("no-such-manifest.yaml", Assert.Throws<PolicyLoadException>(() => provider.GetRequiredService<IGovernance>()).Message, StringComparison.Ordinal);
    }

    private sealed class Desk : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly Principal _principal = new(AgentId.Parse("agent-1"), Tenant: "t");
        private GovernanceSession? _session;

        internal Desk(Func<AcsPolicyInvocation, string> policy, Func<ApprovalRequest, bool>? approve = null, TimeProvider? clock = null, string manifest = Manifest, bool deny = false)
        {
            var stub = new AcsStub
            {
                Policy = asked =>
                {
                    asked.Input.TryGetMember("snapshot", out GovernedValue snapshot);
                    Snapshots.Add(AcsCanonicalJson.ToString(snapshot));
                    return AcsCorpus.Value(policy(asked));
                },
            };
            var services = new ServiceCollection();
            services.AddLogging();
            if (clock is not null)
            {
                services.AddSingleton(clock);
            }

            services.AddGovernance()
                .AddAcs(AcsManifestLoader.LoadText(manifest).GetManifest(), acs =>
                {
                    acs.Runtime.Engines["test"] = stub;
                    acs.DenyUnconfiguredPoints = deny;
                })
                .AddApprovals((request, _) => ValueTask.FromResult(approve?.Invoke(request) == true ? request.Approve("ann") : request.Reject("ann")));
            _services = services.BuildServiceProvider();
        }

        internal List<string> Snapshots { get; } = [];

        internal int Ran { get; private set; }

        internal string? LastArguments { get; private set; }

        internal string SessionId => _session!.Id.ToString();

        internal async Task<GovernedResult<string>> RunAsync(InterventionPoint point, string payload, string result, string? tool = null, string? callId = null)
        {
            IGovernance governance = _services.GetRequiredService<IGovernance>();
            if (_session is null)
            {
                // Opening a session is an action too.
                _session = await governance.OpenSessionAsync(_principal);
                Snapshots.Clear();
            }

            var template = new ActionTemplate(point, "run", _principal, tool is null ? null : new ToolIdentity(tool), "tests");
            return await governance.InvokeAsync(
                new GovernedAction(template, _session, AcsCorpus.Value(payload), callId: callId), (Desk: this, result),
                static (state, operation, _) =>
                {
                    state.Desk.Ran++;
                    state.Desk.LastArguments = AcsCanonicalJson.ToString(operation.Payload);
                    return ValueTask.FromResult(state.result);
                },
                JsonCodec.Instance);
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }

    /// <summary>Results are JSON texts.</summary>
    private sealed class JsonCodec : ResultCodec
    {
        internal static readonly JsonCodec Instance = new();

        public override GovernedValue Capture(object? result, ValueArena arena) => arena.Copy(AcsCorpus.Value((string)result!));

        public override object? Replace(object? original, GovernedValue value) => AcsCanonicalJson.ToString(value);
    }
}
