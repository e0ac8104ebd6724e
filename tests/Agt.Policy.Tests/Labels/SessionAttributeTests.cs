using Agt.Values;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Labels;

/// <summary>A session carries what policies declare, and rules read it as it is now.</summary>
public sealed class SessionAttributeTests
{
    private const string Text = """
        apiVersion: governance.toolkit/v1
        name: p
        agents: ['*']
        default_action: allow
        session_attributes:
          - name: sensitivity
            ordering: [public, internal, secret, top]
            monotonic: true
          - name: mode
            ordering: [read, write]
            initial: write
        rules:
          - name: no-send
            condition: tool_name == 'send' and session.sensitivity in ['secret', 'top']
          - name: read-only
            condition: tool_name == 'save' and session.mode != 'write'
        """;

    private static readonly ActionTemplate Send = Template("send");
    private static readonly ActionTemplate Save = Template("save");

    [Fact]
    [Requirement("POL-240", "POL-006")]
    public async Task Rules_read_what_the_session_carries_now_and_the_initial_value_before()
    {
        await using var host = new Host(Text);
        GovernanceSession session = await host.OpenAsync();
        Assert.Equal("public", session.GetAttribute("sensitivity"));
        Assert.Equal("write", session.GetAttribute("mode"));
        Assert.Null(session.GetAttribute("other"));
        Assert.Equal(VerdictOutcome.Allow, Decide(session, Send));
        Assert.Equal(VerdictOutcome.Allow, Decide(session, Save));

        Assert.True(session.TrySetAttribute("sensitivity", "secret"));
        Assert.True(session.TrySetAttribute("mode", "read"));
        Assert.Equal(VerdictOutcome.Deny, Decide(session, Send));
        Assert.Equal(VerdictOutcome.Deny, Decide(session, Save));

        session.ResetAttribute("sensitivity");
        Assert.True(session.TrySetAttribute("mode", "write"));
        Assert.Equal(VerdictOutcome.Allow, Decide(session, Send));
        Assert.Equal(VerdictOutcome.Allow, Decide(session, Save));
    }

    [Fact]
    [Requirement("POL-241")]
    public async Task What_is_monotonic_only_rises()
    {
        await using var host = new Host(Text);
        GovernanceSession session = await host.OpenAsync();
        Assert.False(session.TrySetAttribute("sensitivity", "public"));
        Assert.True(session.TrySetAttribute("sensitivity", "secret"));
        Assert.False(session.TrySetAttribute("sensitivity", "secret"));
        Assert.False(session.TrySetAttribute("sensitivity", "internal"));
        Assert.False(session.TrySetAttribute("sensitivity", "Top"));
        Assert.False(session.TrySetAttribute("unknown", "secret"));
        Assert.Equal("secret", session.GetAttribute("sensitivity"));
        Assert.True(session.TrySetAttribute("sensitivity", "top"));
        Assert.Equal("top", session.GetAttribute("sensitivity"));
    }

    [Fact]
    [Requirement("POL-241")]
    public async Task Under_concurrency_it_never_falls_each_value_is_taken_at_most_once_and_the_highest_stays()
    {
        string[] ordering = [.. Enumerable.Range(0, 40).Select(index => $"v{index:00}")];
        await using var host = new Host($"apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nsession_attributes:\n  - name: level\n    monotonic: true\n    ordering: [{string.Join(", ", ordering)}]\n");
        Gen.Int[0, 39].Array[1, 200].Sample(
            places =>
            {
                GovernanceSession session = host.OpenAsync().GetAwaiter().GetResult();
                int[] taken = new int[40];
                int fell = 0;
                Parallel.ForEach(places, place =>
                {
                    int before = Array.IndexOf(ordering, session.GetAttribute("level"));
                    if (session.TrySetAttribute("level", ordering[place]))
                    {
                        Interlocked.Increment(ref taken[place]);
                    }

                    int after = Array.IndexOf(ordering, session.GetAttribute("level"));
                    if (after < before || after < place)
                    {
                        Interlocked.Increment(ref fell);
                    }
                });
                Assert.Equal(0, fell);
                Assert.Equal(ordering[places.Max()], session.GetAttribute("level"));
                Assert.All(taken, times => Assert.InRange(times, 0, 1));
            },
            iter: 100,
            threads: 1);
    }

    [Fact]
    public async Task A_value_that_a_live_policy_no_longer_has_counts_as_the_highest()
    {
        await using var host = new Host(Text);
        GovernanceSession session = await host.OpenAsync();
        Assert.True(session.TrySetAttribute("sensitivity", "internal"));
        Assert.Equal("red", session.GetAttribute(new SessionAttributeDefinition("sensitivity", ["green", "red"])));
    }

    [Fact]
    public async Task An_argument_of_the_same_name_changes_nothing()
    {
        await using var host = new Host(Text);
        GovernanceSession session = await host.OpenAsync();
        Assert.True(session.TrySetAttribute("sensitivity", "top"));
        Assert.Equal(VerdictOutcome.Deny, Decide(session, Send, """{"session":{"sensitivity":"public"},"session.sensitivity":"public"}"""));
    }

    [Fact]
    public async Task Reading_an_attribute_in_a_rule_allocates_nothing()
    {
        await using var host = new Host(Text);
        GovernanceSession session = await host.OpenAsync();
        Assert.True(session.TrySetAttribute("sensitivity", "internal"));
        session.AddLabel("pii");
        var set = (CompiledPolicySet)session.Policy!;
        GovernedValue payload = GovernedValue.FromJson("{}");
        for (int i = 0; i < 200; i++)
        {
            set.Evaluate(new PolicyInput(Send, payload) { Session = session });
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            set.Evaluate(new PolicyInput(Send, payload) { Session = session });
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);
    }

    [Fact]
    public void Without_a_session_the_facts_answer_and_else_the_initial_value()
    {
        CompiledPolicySet set = PolicySet.Compile(PolicyLoader.LoadText(Text, "p").Documents);
        GovernedValue payload = GovernedValue.FromJson("{}");
        Assert.Equal(VerdictOutcome.Allow, set.Evaluate(new PolicyInput(Send, payload)).Outcome);
        Assert.Equal(VerdictOutcome.Allow, set.Evaluate(new PolicyInput(Send, payload) { SessionFacts = new PolicySessionFacts() }).Outcome);
        foreach (string value in (string[])["secret", "nonsense"])
        {
            var facts = new PolicySessionFacts { Attributes = new Dictionary<string, string> { ["sensitivity"] = value } };
            Assert.Equal(VerdictOutcome.Deny, set.Evaluate(new PolicyInput(Send, payload) { SessionFacts = facts }).Outcome);
        }
    }

    [Theory]
    [Requirement("POL-240")]
    [InlineData("session.sensitivity == 'Secret'", "AGTP135", "never 'Secret'")]
    [InlineData("session.sensitivity in ['secret', 'tip']", "AGTP135", "never 'tip'")]
    [InlineData("session.sensitivity >= 'secret'", "AGTP135", "in ['secret', 'top']")]
    [InlineData("'internal' > session.sensitivity", "AGTP135", "in ['public']")]
    [InlineData("not (user == 'a' or session.sensitivity != 'x')", "AGTP135", "never 'x'")]
    [InlineData("session.sensitivty == 'secret'", "AGTP131", "not known")]
    [InlineData("session.sensitivity.value == 'secret'", "AGTP131", "not known")]
    [InlineData("session.sensitivity == 3", "AGTP130", "never equal")]
    public void A_rule_that_could_never_match_is_refused_with_what_to_write(string condition, string code, string says)
    {
        string text = Text + $"\n  - name: wrong\n    condition: \"{condition}\"\n";
        PolicyDiagnostic finding = Assert.Single(PolicyLoader.LoadText(text, "p").Diagnostics, found => found.Severity == DiagnosticSeverity.Error);
        Assert.Equal(code, finding.Code);
        Assert.Contains(says, finding.Message + finding.Fix, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(18, finding.Position.Line);
    }

    [Theory]
    [Requirement("POL-240")]
    [InlineData("[{name: a}]", "AGTP034")]
    [InlineData("[{ordering: [x]}]", "AGTP034")]
    [InlineData("[{name: a, ordering: []}]", "AGTP056")]
    [InlineData("[{name: a, ordering: [x, x]}]", "AGTP056")]
    [InlineData("[{name: a, ordering: [x], initial: y}]", "AGTP056")]
    [InlineData("[{name: tokens, ordering: [x]}]", "AGTP056")]
    [InlineData("[{name: toolCalls, ordering: [x]}]", "AGTP056")]
    [InlineData("[{name: 'a b', ordering: [x]}]", "AGTP056")]
    [InlineData("[{name: a, ordering: [x]}, {name: a, ordering: [x]}]", "AGTP055")]
    [InlineData("[{name: a, ordering: [x], monotone: true}]", "AGTP030")]
    [InlineData("{name: a}", "AGTP031")]
    [InlineData("[a]", "AGTP031")]
    public void A_declaration_that_is_wrong_is_refused(string declared, string code)
    {
        PolicyLoadResult result = PolicyLoader.LoadText($"apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nsession_attributes: {declared}\n", "p");
        Assert.Equal(code, Assert.Single(result.Diagnostics, found => found.Severity == DiagnosticSeverity.Error).Code);
    }

    [Fact]
    public void Two_policies_that_declare_one_name_in_two_ways_are_refused()
    {
        static string Declaring(string name, string ordering) => $"apiVersion: governance.toolkit/v1\nname: {name}\nagents: ['*']\nsession_attributes: [{{name: level, ordering: {ordering}}}]\n";
        var options = new PolicyOptions();
        options.Texts.Add(Declaring("a", "[low, high]"));
        options.Texts.Add(Declaring("b", "[low, high]"));
        using (var engine = new PolicyEngine(options))
        {
            Assert.Equal("low", engine.Current.SessionAttributes["level"].Initial);
        }

        options.Texts[1] = Declaring("b", "[high, low]");
        PolicyLoadException refused = Assert.Throws<PolicyLoadException>(() => new PolicyEngine(options).Dispose());
        Assert.Equal("AGTP055", Assert.Single(refused.Diagnostics, found => found.Severity == DiagnosticSeverity.Error).Code);
    }

    private static ActionTemplate Template(string tool) =>
        new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Parse("agent-1")), new ToolIdentity(tool), "tests");

    private static VerdictOutcome Decide(GovernanceSession session, ActionTemplate template, string arguments = "{}") =>
        ((CompiledPolicySet)session.Policy!).Evaluate(new PolicyInput(template, GovernedValue.FromJson(arguments)) { Session = session }).Outcome;

    private sealed class Host(string policy) : IAsyncDisposable
    {
        private readonly ServiceProvider _services = Build(policy);

        internal async Task<GovernanceSession> OpenAsync() =>
            await _services.GetRequiredService<IGovernance>().OpenSessionAsync(new Principal(AgentId.Parse("agent-1")), new SessionOptions());

        public ValueTask DisposeAsync() => _services.DisposeAsync();

        private static ServiceProvider Build(string policy)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddGovernance().AddPolicyText(policy);
            return services.BuildServiceProvider();
        }
    }
}
