using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

public sealed class SessionTests
{
    [Fact]
    [Requirement("ADP-066", "POL-216")]
    [Requirement("ADP-X03")]
    public async Task Of_64_parallel_calls_on_a_budget_of_10_exactly_10_run()
    {
        using var chain = new ChainFixture(new TestInterceptor("yields") { Before = async (_, _) => { await Task.Yield(); return default; } });
        GovernanceSession session = await chain.OpenAsync(new SessionLimits { MaxToolCalls = 10 });
        int ran = 0;

        GovernedResult<string>[] results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => chain.RunAsync(onEffect: () => Interlocked.Increment(ref ran), session: session))));

        Assert.Equal(10, ran);
        Assert.Equal(10, results.Count(result => result.IsAllowed));
        Assert.All(results.Where(result => !result.IsAllowed), result => Assert.Equal(ReasonCodes.MaxToolCalls, result.Decision.Reason));
        Assert.Equal(64, chain.Records.Count(record => !record.IsOutcome));
        Assert.Equal(10, chain.Records.Count(record => record.IsOutcome));
    }

    [Fact]
    [Requirement("ADP-066")]
    [Requirement("ADP-X03")]
    public async Task Denied_calls_give_their_unit_back_failed_ones_keep_it()
    {
        bool deny = true;
        using var chain = new ChainFixture(new TestInterceptor("x") { Before = ChainTests.OnTool(_ => deny ? Verdict.Deny(ReasonCodes.RuleDenied) : default) });
        GovernanceSession session = await chain.OpenAsync(new SessionLimits { MaxToolCalls = 2 });

        await chain.RunAsync(session: session);
        Assert.Equal(0, session.ToolCalls);
        deny = false;
        await Assert.ThrowsAsync<InvalidOperationException>(() => chain.RunAsync(onEffect: () => throw new InvalidOperationException(), session: session));
        Assert.Equal(1, session.ToolCalls);
        Assert.True((await chain.RunAsync(session: session)).IsAllowed);
        Assert.Equal(ReasonCodes.MaxToolCalls, (await chain.RunAsync(session: session)).Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-061", "POL-162")]
    [Requirement("ADP-X01")]
    public async Task A_session_keeps_the_policy_it_began_with_unless_it_asked_for_live_policy()
    {
        var source = new TestPolicySource();
        long seen = 0;
        using var chain = new ChainFixture(
            builder => builder.Services.AddSingleton<IPolicySource>(source),
            new TestInterceptor("policy", InterceptorStage.Policy) { Before = ChainTests.OnTool(context => { seen = context.Policy!.Generation; return default; }) });
        GovernanceSession pinned = await chain.OpenAsync();
        GovernanceSession live = await chain.OpenAsync(live: true);

        source.Current = new TestPolicySource.Snapshot(2, null);

        await chain.RunAsync(session: pinned);
        Assert.Equal(1, seen);
        GovernedResult<string> result = await chain.RunAsync(session: live);
        Assert.Equal(2, seen);
        Assert.Equal(2, result.Decision.PolicyGeneration);
    }

    [Fact]
    public async Task The_policys_limits_tighten_the_sessions()
    {
        var source = new TestPolicySource { Current = new TestPolicySource.Snapshot(1, new SessionLimits { MaxToolCalls = 1 }) };
        using var chain = new ChainFixture(builder => builder.Services.AddSingleton<IPolicySource>(source), new TestInterceptor("policy", InterceptorStage.Policy));
        GovernanceSession session = await chain.OpenAsync(new SessionLimits { MaxToolCalls = 5 });

        Assert.True((await chain.RunAsync(session: session)).IsAllowed);
        Assert.False((await chain.RunAsync(session: session)).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-034")]
    public async Task Startup_can_be_denied_and_shutdown_runs_once()
    {
        int shutdowns = 0;
        bool deny = false;
        using var chain = new ChainFixture(new TestInterceptor("x")
        {
            Before = (context, _) => new(deny && context.Point == InterventionPoint.AgentStartup ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
            After = (context, outcome, _) =>
            {
                shutdowns += context.Point == InterventionPoint.AgentShutdown && outcome.Executed ? 1 : 0;
                return default;
            },
        });

        GovernanceSession session = await chain.OpenAsync();
        await session.DisposeAsync();
        await session.DisposeAsync();
        Assert.Equal(1, shutdowns);
        Assert.Equal(ReasonCodes.SessionClosed, (await chain.RunAsync(session: session)).Decision.Reason);

        deny = true;
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.OpenAsync());
        Assert.Equal(1, shutdowns);
    }

    [Fact]
    [Requirement("ADP-065")]
    [Requirement("ADP-X16")]
    public async Task A_session_that_lasted_too_long_runs_nothing_more()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync(new SessionLimits { Duration = TimeSpan.FromSeconds(300) });

        chain.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.True((await chain.RunAsync(session: session)).IsAllowed);
        chain.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReasonCodes.SessionExpired, (await chain.RunAsync(session: session)).Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-068", "ADP-C29")]
    public async Task Reported_tokens_end_the_next_model_call()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync(new SessionLimits { MaxTokens = 1_500 });

        Assert.True(await Model("""{"max_output_tokens":1500}"""));
        Assert.False(await Model("""{"max_output_tokens":1501}"""));
        Assert.Equal(1, session.ModelCalls);
        Assert.True(await Model("""{"max_output_tokens":null}"""));
        session.ReportTokens(1_500);
        Assert.False(await Model("{}"));

        async Task<bool> Model(string request)
        {
            await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(new GovernedAction(chain.Model, session, GovernedValue.FromJson(request)));
            Assert.True(operation.IsAllowed || operation.Decision.Reason == ReasonCodes.MaxTokens);
            return operation.IsAllowed;
        }
    }

    [Fact]
    [Requirement("ADP-032")]
    public async Task Where_an_adapter_names_no_user_the_sessions_user_holds_and_its_budget_is_used()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        var ann = new Principal(ChainFixture.Agent.Agent, User: "ann");
        await using GovernanceSession session = await chain.Governance.OpenSessionAsync(ann, new SessionOptions { Limits = new SessionLimits { MaxToolCalls = 1 } });
        using (GovernanceScope.Enter(session))
        {
            await using SessionLease lease = await chain.Governance.AcquireSessionAsync(ChainFixture.Agent);
            Assert.Same(session, lease.Session);
            Assert.True((await chain.RunAsync(session: lease.Session)).IsAllowed);
            Assert.Equal(ReasonCodes.MaxToolCalls, (await chain.RunAsync(session: lease.Session)).Decision.Reason);
        }

        Assert.All(chain.Records, record => Assert.Equal("ann", record.Template.Principal.User));
        Assert.False(new Principal(ChainFixture.Agent.Agent, User: "bob").IsSatisfiedBy(ann));
    }

    [Fact]
    [Requirement("ADP-032", "ADP-C26")]
    public async Task The_hosts_resolver_is_asked_where_no_session_is_ambient()
    {
        GovernanceSession? connection = null;
        using var chain = new ChainFixture(builder => builder.UseSessionResolver((_, _) => new(connection)), new TestInterceptor("x"));
        await using GovernanceSession first = await chain.OpenAsync();
        await using GovernanceSession ambient = await chain.OpenAsync();

        await using (SessionLease own = await chain.Governance.AcquireSessionAsync(ChainFixture.Agent))
        {
            Assert.True(own.IsOwned);
        }

        connection = first;
        await using (SessionLease resolved = await chain.Governance.AcquireSessionAsync(ChainFixture.Agent))
        {
            Assert.Same(first, resolved.Session);
        }

        Assert.False(first.IsClosed);
        using (GovernanceScope.Enter(ambient))
        {
            await using SessionLease scoped = await chain.Governance.AcquireSessionAsync(ChainFixture.Agent);
            Assert.Same(ambient, scoped.Session);
        }
    }

    [Fact]
    [Requirement("ADP-032", "ADP-C26")]
    public async Task A_resolver_that_fails_or_finds_somebody_elses_session_denies()
    {
        Func<ValueTask<GovernanceSession?>> resolve = () => throw new IOException("table is gone");
        using var chain = new ChainFixture(builder => builder.UseSessionResolver((_, _) => resolve()), new TestInterceptor("x"));
        await using GovernanceSession other = await chain.Governance.OpenSessionAsync(new Principal(AgentId.Parse("mallory")));

        GovernanceDeniedException failed = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.Governance.AcquireSessionAsync(ChainFixture.Agent));
        resolve = () => new(other);
        GovernanceDeniedException mixed = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.Governance.AcquireSessionAsync(ChainFixture.Agent));

        Assert.Equal((ReasonCodes.InterceptorFailed, ReasonCodes.PrincipalMismatch), (failed.Decision.Reason, mixed.Decision.Reason));
        Assert.DoesNotContain("table", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_of_another_principal_is_refused()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        await using GovernanceSession other = await chain.Governance.OpenSessionAsync(new Principal(AgentId.Parse("mallory")));

        Assert.Equal(ReasonCodes.PrincipalMismatch, (await chain.RunAsync(session: other)).Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-048", Partial = "overlapping hooks are told apart by the adapters")]
    public async Task A_call_inside_an_effect_knows_its_parent_and_nesting_is_bounded()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();
        int deepest = 0;

        GovernedResult<int> outer = await Nest();

        Assert.Equal(16, deepest);
        Assert.Contains(chain.Records, record => record.Decision?.Reason == ReasonCodes.NestingTooDeep);
        Assert.True(outer.IsAllowed);
        Assert.Null(GovernanceScope.Action);

        async Task<GovernedResult<int>> Nest()
        {
            var action = new GovernedAction(chain.Tool, session, ChainFixture.Arguments, parent: GovernanceScope.Action);
            return await chain.Governance.InvokeAsync(
                action,
                0,
                async (_, operation, _) =>
                {
                    Assert.Same(operation.Action, GovernanceScope.Action);
                    deepest = Math.Max(deepest, operation.Action.Depth);
                    await Nest();
                    return 1;
                },
                TextCodec.Instance);
        }
    }

    [Fact]
    public async Task The_ambient_session_is_used_and_else_a_new_one_ends_with_the_call()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();
        using (GovernanceScope.Enter(session))
        {
            await using SessionLease lease = await chain.Governance.AcquireSessionAsync(ChainFixture.Agent);
            Assert.Same(session, lease.Session);
        }

        Assert.False(session.IsClosed);
        GovernanceSession own;
        await using (SessionLease lease = await chain.Governance.AcquireSessionAsync(ChainFixture.Agent))
        {
            own = lease.Session;
            Assert.NotSame(session, own);
        }

        Assert.True(own.IsClosed);
    }
}
