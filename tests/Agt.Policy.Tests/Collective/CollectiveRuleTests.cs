using Agt.Policy.Collective;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Collective;

public sealed class CollectiveRuleTests
{
    private const string AllowAll = "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrules:\n  - name: never\n    condition: \"args.forbidden == true\"\n    action: deny\n";

    [Fact]
    [Requirement("POL-252", "POL-X32")]
    public async Task Many_agents_together_reach_a_threshold_and_only_what_matches_is_refused()
    {
        await using var fleet = new Fleet(new CollectiveRule { Name = "mails", Condition = "tool_name == 'mail'", Threshold = 3 });
        Assert.True(await fleet.RunsAsync("a", "mail"));
        fleet.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await fleet.RunsAsync("b", "mail"));
        Assert.False(await fleet.RunsAsync("c", "mail"));
        Assert.True(await fleet.RunsAsync("c", "read"));
        fleet.Time.Advance(TimeSpan.FromSeconds(49.999));
        Assert.False(await fleet.RunsAsync("c", "mail"));
        fleet.Time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.True(await fleet.RunsAsync("c", "mail"));
    }

    [Fact]
    [Requirement("POL-252")]
    public async Task A_sum_a_greatest_value_and_a_number_of_agents_are_bounds_too()
    {
        await using (var fleet = new Fleet(new CollectiveRule { Name = "sum", Aggregate = CollectiveAggregate.Sum, Value = "args.amount", Threshold = 1_000 }))
        {
            Assert.True(await fleet.RunsAsync("a", "pay", """{"amount":600}"""));
            Assert.False(await fleet.RunsAsync("b", "pay", """{"amount":400}"""));
            Assert.True(await fleet.RunsAsync("b", "pay", """{"amount":399.99}"""));
        }

        await using (var fleet = new Fleet(new CollectiveRule { Name = "max", Aggregate = CollectiveAggregate.Max, Value = "amount", Threshold = 10 }))
        {
            Assert.True(await fleet.RunsAsync("a", "pay", """{"amount":9}"""));
            Assert.False(await fleet.RunsAsync("a", "pay", """{"amount":10}"""));
            Assert.True(await fleet.RunsAsync("a", "pay", """{"amount":1}"""));
        }

        await using (var fleet = new Fleet(new CollectiveRule { Name = "agents", Aggregate = CollectiveAggregate.DistinctAgents, Threshold = 3 }))
        {
            Assert.True(await fleet.RunsAsync("a", "t"));
            Assert.True(await fleet.RunsAsync("b", "t"));
            Assert.True(await fleet.RunsAsync("a", "t"));
            Assert.False(await fleet.RunsAsync("c", "t"));
            Assert.True(await fleet.RunsAsync("b", "t"));
        }
    }

    [Theory]
    [Requirement("POL-252", "POL-X07")]
    [InlineData("""{"amount":-500}""")]
    [InlineData("""{"amount":"1"}""")]
    [InlineData("{}")]
    public async Task A_number_that_would_lower_the_sum_or_is_none_is_refused(string arguments)
    {
        await using var fleet = new Fleet(new CollectiveRule { Name = "sum", Aggregate = CollectiveAggregate.Sum, Value = "args.amount", Threshold = 1_000 });
        Assert.False(await fleet.RunsAsync("a", "pay", arguments));
    }

    [Fact]
    [Requirement("POL-252")]
    public async Task What_did_not_run_does_not_count()
    {
        await using var fleet = new Fleet(
            new CollectiveRule { Name = "two", Threshold = 2 },
            builder => builder.AddInterceptor(new TestInterceptor("late") { Before = (context, cancellation) => new(context.Payload.TryGetMember("late", out GovernedValue late) ? Verdict.Deny(ReasonCodes.RequestInvalid) : Verdict.Allow) }));
        Assert.False(await fleet.RunsAsync("a", "t", """{"forbidden":true}"""));
        Assert.False(await fleet.RunsAsync("a", "t", """{"late":1}"""));
        Assert.True(await fleet.RunsAsync("a", "t"));
        Assert.False(await fleet.RunsAsync("a", "t"));
    }

    [Fact]
    [Requirement("POL-252")]
    public async Task A_condition_that_cannot_be_evaluated_denies()
    {
        await using var fleet = new Fleet(new CollectiveRule { Name = "odd", Condition = "args.amount > 5", Threshold = 2 });
        Assert.False(await fleet.RunsAsync("a", "t", """{"amount":"six"}"""));
        Assert.True(await fleet.RunsAsync("a", "t", """{"amount":1}"""));
    }

    [Fact]
    [Requirement("POL-252")]
    public void Eight_threads_never_get_past_a_threshold_and_memory_is_bounded()
    {
        var window = new CollectiveWindow(new FakeTimeProvider(), CollectiveAggregate.Sum, 12_001, TimeSpan.FromHours(1));
        int entered = 0;
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                if (window.TryEnter(AgentId.Parse($"a{thread}"), 1, false, out _))
                {
                    Interlocked.Increment(ref entered);
                }
            }
        });
        Assert.Equal(12_000, entered);
    }

    [Theory]
    [Requirement("POL-252")]
    [InlineData("", "true", 1, 60, null, CollectiveAggregate.Count)]
    [InlineData("x", "tool_name ==", 1, 60, null, CollectiveAggregate.Count)]
    [InlineData("x", "true", 0, 60, null, CollectiveAggregate.Count)]
    [InlineData("x", "true", double.NaN, 60, null, CollectiveAggregate.Count)]
    [InlineData("x", "true", 1, 0, null, CollectiveAggregate.Count)]
    [InlineData("x", "true", 1, 60, null, CollectiveAggregate.Sum)]
    [InlineData("x", "true", 1, 60, "args.x", CollectiveAggregate.Count)]
    [InlineData("x", "true", 1, 60, "len(args.x)", CollectiveAggregate.Sum)]
    public void A_rule_that_could_not_work_is_refused_where_it_is_written(string name, string condition, double threshold, double seconds, string? value, CollectiveAggregate aggregate) =>
        Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddGovernance().AddCollectiveRule(
            new CollectiveRule { Name = name, Condition = condition, Threshold = threshold, Window = TimeSpan.FromSeconds(seconds), Value = value, Aggregate = aggregate }));

    private sealed class Fleet : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        internal Fleet(CollectiveRule rule, Action<IGovernanceBuilder>? configure = null)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddSingleton<TimeProvider>(Time);
            IGovernanceBuilder builder = services.AddGovernance().AddPolicyText(AllowAll).AddCollectiveRule(rule);
            configure?.Invoke(builder);
            _services = services.BuildServiceProvider();
        }

        internal FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(55));

        internal async Task<bool> RunsAsync(string agent, string tool, string arguments = "{}")
        {
            IGovernance governance = _services.GetRequiredService<IGovernance>();
            var principal = new Principal(AgentId.Parse(agent));
            await using GovernanceSession session = await governance.OpenSessionAsync(principal);
            var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity(tool), "tests");
            GovernedResult<string> result = await governance.InvokeAsync(
                new GovernedAction(template, session, GovernedValue.FromJson(arguments)), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
            return result.Executed;
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
