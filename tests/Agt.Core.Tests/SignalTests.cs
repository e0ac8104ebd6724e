using Agt.Signals;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

/// <summary>Stop, continue and kill (ADP-097, ADP-098), and what ends an effect that runs (ADP-065).</summary>
public sealed class SignalTests : IDisposable
{
    private readonly ChainFixture _chain = new(_ => { }, new TestInterceptor("silent"));

    public void Dispose() => _chain.Dispose();

    private GovernanceSignals Signals => _chain.Services.GetRequiredService<GovernanceSignals>();

    [Fact]
    [Requirement("ADP-098", "ADP-C35", "ADP-X07")]
    public async Task Stopped_actions_go_on_in_the_order_in_which_they_came()
    {
        GovernanceSession session = await _chain.OpenAsync();
        Signals.Stop(SignalTarget.ForAgent(ChainFixture.Agent.Agent));
        Task<GovernedResult<string>>[] calls = [.. Enumerable.Range(0, 20).Select(number => _chain.Governance.InvokeAsync(
            new GovernedAction(_chain.Tool, session, ChainFixture.Arguments, callId: $"{number}"), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance).AsTask())];
        Assert.Equal(20, Signals.Waiting);
        Assert.All(calls, call => Assert.False(call.IsCompleted));

        Signals.Continue(SignalTarget.ForAgent(ChainFixture.Agent.Agent));
        await Task.WhenAll(calls);

        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"{number}"), _chain.Records.Where(record => record.Status is null).Select(record => record.CallId));
        Assert.Equal(0, Signals.Waiting);
        Assert.True((await _chain.RunAsync(session: session)).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-098", "ADP-X07", "ADP-C35")]
    public async Task A_signal_reaches_only_whom_it_is_for()
    {
        GovernanceSession one = await _chain.OpenAsync();
        GovernanceSession other = await _chain.OpenAsync();
        GovernanceSession another = await _chain.Governance.OpenSessionAsync(new Principal(AgentId.Parse("billing-2")));
        Signals.Stop(SignalTarget.ForSession(one));
        Signals.Kill(SignalTarget.ForAgent(another.Principal.Agent));

        Task<GovernedResult<string>> waits = _chain.RunAsync(session: one);
        Assert.True((await _chain.RunAsync(session: other)).IsAllowed);
        Assert.False(waits.IsCompleted);
        Assert.False(other.Cancellation.IsCancellationRequested);
        Assert.True(another.Cancellation.IsCancellationRequested);
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await _chain.Governance.OpenSessionAsync(new Principal(AgentId.Parse("billing-2"))));

        Signals.Continue(SignalTarget.All);
        Assert.False(waits.IsCompleted);
        Signals.Continue(SignalTarget.ForSession(one));
        Assert.True((await waits).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-098", "ADP-062", "ADP-C25")]
    public async Task A_killed_agent_is_cancelled_while_it_runs_and_denied_for_good_although_its_policy_is_pinned()
    {
        GovernanceSession session = await _chain.OpenAsync();
        Signals.Stop(SignalTarget.ForSession(session));
        Task<GovernedResult<string>> waiting = _chain.RunAsync(session: session);
        Signals.Continue(SignalTarget.ForSession(session));
        await waiting;
        var started = new TaskCompletionSource();
        Task<GovernedResult<string>> running = _chain.Governance.InvokeAsync(
            _chain.Call(session), started,
            static async (began, _, token) =>
            {
                began.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return "done";
            },
            TextCodec.Instance).AsTask();
        await started.Task;
        Signals.Stop(SignalTarget.ForSession(session));
        Task<GovernedResult<string>> stopped = _chain.RunAsync(session: session);

        Signals.Kill(SignalTarget.ForAgent(ChainFixture.Agent.Agent));

        GovernedResult<string> ended = await running;
        Assert.Equal((ReasonCodes.Killed, true), (ended.Decision.Reason, ended.Executed));
        Assert.Equal((ReasonCodes.Killed, false), ((await stopped).Decision.Reason, (await stopped).Executed));
        Assert.Equal(ReasonCodes.Killed, (await _chain.RunAsync(session: session)).Decision.Reason);
        Assert.Contains(_chain.Records, record => record.Status == OutcomeStatus.Cancelled);
    }

    [Fact]
    [Requirement("ADP-098", "ADP-062")]
    public async Task What_a_killed_agents_effect_returns_all_the_same_is_withheld()
    {
        GovernanceSession session = await _chain.OpenAsync();
        GovernedResult<string> result = await _chain.RunAsync(() => Signals.Kill(SignalTarget.ForSession(session)), session);
        Assert.Equal((ReasonCodes.Killed, true, null), (result.Decision.Reason, result.Executed, result.Value));
    }

    [Fact]
    [Requirement("ADP-097")]
    public void Signals_have_one_handler_a_name_any_listeners_and_no_effect_when_nobody_knows_them()
    {
        var told = new List<(string, bool)>();
        var handled = new List<string>();
        Signals.Sent += (_, _) => throw new InvalidOperationException("a listener that fails");
        Signals.Sent += (_, sent) => told.Add((sent.Name, sent.IsHandled));
        Signals.Handle("SIGUSR1", _ => handled.Add("first"));
        Signals.Handle("SIGUSR1", _ => handled.Add("last"));

        Assert.True(Signals.Send("SIGUSR1", SignalTarget.All));
        Assert.False(Signals.Send("SIGNOPE", SignalTarget.All));

        Assert.Equal(["last"], handled);
        Assert.Equal([("SIGUSR1", true), ("SIGNOPE", false)], told);
        Assert.Throws<ArgumentException>(() => Signals.Handle("SIGKILL", _ => { }));
    }

    [Fact]
    [Requirement("ADP-098")]
    public async Task Waiting_ends_when_the_caller_gives_up_and_has_a_bound()
    {
        using var chain = new ChainFixture(options => { options.RequirePolicy = false; options.MaxStoppedActions = 1; }, _ => { }, new TestInterceptor("silent"));
        GovernanceSession session = await chain.OpenAsync();
        GovernanceSignals signals = chain.Services.GetRequiredService<GovernanceSignals>();
        signals.Stop(SignalTarget.All);
        using var givingUp = new CancellationTokenSource();
        Task<GovernedResult<string>> waiting = chain.RunAsync(session: session, cancellationToken: givingUp.Token);

        Assert.Equal(ReasonCodes.CapacityExceeded, (await chain.RunAsync(session: session)).Decision.Reason);
        await givingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, signals.Waiting);
        Assert.Contains(chain.Records, record => record.Decision?.Reason == ReasonCodes.Cancelled);
    }

    [Fact]
    [Requirement("ADP-065", "ADP-C28")]
    public async Task An_effect_is_cancelled_when_the_time_of_its_session_is_over()
    {
        GovernanceSession session = await _chain.OpenAsync(new SessionLimits { Duration = TimeSpan.FromSeconds(10) });
        using var caller = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        Task<GovernedResult<string>> running = _chain.Governance.InvokeAsync(
            _chain.Call(session), started,
            static async (began, _, token) =>
            {
                began.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return "done";
            },
            TextCodec.Instance,
            caller.Token).AsTask();
        await started.Task;
        Assert.False(running.IsCompleted);

        _chain.Time.Advance(TimeSpan.FromSeconds(11));

        GovernedResult<string> ended = await running;
        Assert.Equal((ReasonCodes.SessionExpired, true), (ended.Decision.Reason, ended.Executed));
        Assert.Equal(ReasonCodes.SessionExpired, (await _chain.RunAsync(session: session)).Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-099", "ADP-C34")]
    public async Task The_callers_own_cancellation_still_passes_through_as_such()
    {
        GovernanceSession session = await _chain.OpenAsync();
        using var caller = new CancellationTokenSource();
        ValueTask<GovernedResult<string>> running = _chain.Governance.InvokeAsync(
            _chain.Call(session), caller,
            static async (gives, _, token) =>
            {
                await gives.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
                return "done";
            },
            TextCodec.Instance,
            caller.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await running);
        Assert.Contains(_chain.Records, record => record.Status == OutcomeStatus.Cancelled);
    }
}
