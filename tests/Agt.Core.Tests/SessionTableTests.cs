using Agt.Signals;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

/// <summary>How long sessions live, and how many there are (ADP-033).</summary>
public sealed class SessionTableTests
{
    [Fact]
    [Requirement("ADP-033")]
    public async Task An_unused_session_ends_and_one_in_use_does_not()
    {
        using var chain = new ChainFixture(options => options.RequirePolicy = false, _ => { }, new TestInterceptor("silent"));
        GovernanceSession unused = await chain.OpenAsync();
        GovernanceSession used = await chain.OpenAsync();
        GovernanceSession busy = await chain.OpenAsync();
        GovernedOperation running = await chain.Governance.AuthorizeAsync(chain.Call(busy));
        chain.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.True((await chain.RunAsync(session: used)).IsAllowed);
        chain.Time.Advance(TimeSpan.FromMinutes(20));

        await chain.OpenAsync();

        Assert.Equal((true, false, false), (unused.IsClosed, used.IsClosed, busy.IsClosed));
        Assert.True((await chain.RunAsync(session: used)).IsAllowed);
        await running.FailAsync(new InvalidOperationException("over"));
        await running.DisposeAsync();
    }

    [Fact]
    [Requirement("ADP-033")]
    public async Task A_session_that_was_unused_for_too_long_is_denied_even_before_it_is_ended()
    {
        using var chain = new ChainFixture(options => { options.RequirePolicy = false; options.SessionIdleTimeout = TimeSpan.FromSeconds(1); }, _ => { }, new TestInterceptor("silent"));
        GovernanceSession session = await chain.OpenAsync();
        chain.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ReasonCodes.SessionExpired, (await chain.RunAsync(session: session)).Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-033")]
    public async Task In_a_full_table_the_session_unused_for_longest_goes_and_none_that_is_in_use()
    {
        using var chain = new ChainFixture(options => { options.RequirePolicy = false; options.MaxSessions = 2; }, _ => { }, new TestInterceptor("silent"));
        GovernanceSession first = await chain.OpenAsync();
        chain.Time.Advance(TimeSpan.FromSeconds(1));
        GovernanceSession second = await chain.OpenAsync();
        GovernanceSession third = await chain.OpenAsync();
        Assert.Equal((true, false, false), (first.IsClosed, second.IsClosed, third.IsClosed));

        GovernedOperation one = await chain.Governance.AuthorizeAsync(chain.Call(second));
        GovernedOperation two = await chain.Governance.AuthorizeAsync(chain.Call(third));
        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.OpenAsync());
        Assert.Equal(ReasonCodes.CapacityExceeded, denied.Decision.Reason);

        await one.DisposeAsync();
        await two.DisposeAsync();
        await second.DisposeAsync();
        Assert.False((await chain.OpenAsync()).IsClosed);
    }

    [Fact]
    [Requirement("ADP-033")]
    public async Task A_start_that_is_denied_or_cancelled_takes_no_room()
    {
        bool denies = true;
        using var chain = new ChainFixture(options => { options.RequirePolicy = false; options.MaxSessions = 1; }, _ => { }, new TestInterceptor("gate")
        {
            Before = (_, _) => new(denies ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
        });
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.OpenAsync());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await chain.Governance.OpenSessionAsync(ChainFixture.Agent, null, cancelled.Token));
        }

        denies = false;
        Assert.False((await chain.OpenAsync()).IsClosed);
    }

    [Fact]
    [Requirement("ADP-033", "ADP-098")]
    public async Task A_session_whose_actions_wait_because_they_are_stopped_is_in_use()
    {
        using var chain = new ChainFixture(options => options.RequirePolicy = false, _ => { }, new TestInterceptor("silent"));
        GovernanceSignals signals = chain.Services.GetRequiredService<GovernanceSignals>();
        GovernanceSession session = await chain.OpenAsync();
        signals.Stop(SignalTarget.ForSession(session));
        Task<GovernedResult<string>> waiting = chain.RunAsync(session: session);
        chain.Time.Advance(TimeSpan.FromHours(2));
        await chain.OpenAsync();

        signals.Continue(SignalTarget.ForSession(session));

        Assert.True((await waiting).IsAllowed);
        Assert.False(session.IsClosed);
    }

    [Fact]
    [Requirement("ADP-033")]
    public async Task However_many_start_at_once_no_more_are_open_than_there_is_room_for()
    {
        using var chain = new ChainFixture(options => { options.RequirePolicy = false; options.MaxSessions = 3; }, _ => { }, new TestInterceptor("slow")
        {
            Before = async (_, _) =>
            {
                await Task.Yield();
                return default;
            },
        });
        GovernanceSession[] sessions = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await chain.OpenAsync();
            }
            catch (GovernanceDeniedException)
            {
                return null!;
            }
        })));
        Assert.InRange(sessions.Count(session => session is { IsClosed: false }), 0, 3);
        Assert.False((await chain.OpenAsync()).IsClosed);
    }
}
