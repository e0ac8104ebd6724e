using Agt.Policy.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Limits;

public sealed class ConcurrencyTests
{
    [Fact]
    [Requirement("ADP-073")]
    public async Task What_runs_at_once_is_bounded_and_told_before_it_gets_too_much()
    {
        await using var desk = new LimitsDesk(new GovernancePolicy { Name = "p", MaxConcurrent = 3, BackpressureThreshold = 2 });
        var gate = new TaskCompletionSource();
        Task<Decision>[] running = [.. Enumerable.Range(0, 3).Select(_ => desk.CallAsync("a", wait: gate.Task))];
        Assert.Equal([(LimitEvent.Backpressure, 2.0), (LimitEvent.Backpressure, 3.0)], desk.Events);
        Decision refused = await desk.CallAsync("a");
        Assert.Equal((false, "policy:max_concurrent", "Max concurrency reached (3)."), (refused.IsAllowed, refused.Reason.Code, refused.Detail.Explanation));
        Assert.Equal(new ConcurrencyFigures(3, 3, 2, 3, 1), desk.Monitor.GetConcurrency(desk.Session!, "p"));
        Assert.True(desk.Monitor.GetConcurrency(desk.Session!, "p")!.Value is { Available: 0, IsUnderPressure: true });
        gate.SetResult();
        Assert.All(await Task.WhenAll(running), decision => Assert.True(decision.IsAllowed));
        Assert.True((await desk.CallAsync("a")).IsAllowed);
        Assert.Equal(new ConcurrencyFigures(0, 3, 2, 4, 1), desk.Monitor.GetConcurrency(desk.Session!, "p"));
        Assert.Null(desk.Monitor.GetConcurrency(desk.Session!, "other"));
    }

    [Fact]
    [Requirement("ADP-073")]
    public async Task Under_pressure_who_comes_first_goes_first_and_nobody_waits_longer_than_the_delay()
    {
        var time = new FakeTimeProvider();
        var gate = new ConcurrencyGate(3, 2, TimeSpan.FromSeconds(5), time);
        Assert.Equal(1, await gate.EnterAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, await gate.EnterAsync(TestContext.Current.CancellationToken));
        Task<int> first = gate.EnterAsync(TestContext.Current.CancellationToken).AsTask();
        Task<int> second = gate.EnterAsync(TestContext.Current.CancellationToken).AsTask();
        Task<int> third = gate.EnterAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);

        gate.Leave();
        Assert.Equal(2, await first);
        Assert.False(second.IsCompleted);

        // After the delay one takes the last place above the threshold, and the other finds none.
        time.Advance(TimeSpan.FromSeconds(5));
        int[] taken = await Task.WhenAll(second, third);
        Assert.Equal([0, 3], taken.Order());
        Assert.Equal(new ConcurrencyFigures(3, 3, 2, 4, 1), gate.Figures);
    }

    [Fact]
    [Requirement("ADP-073")]
    public async Task Who_gives_up_waiting_leaves_the_place_to_the_next()
    {
        var gate = new ConcurrencyGate(2, 1, TimeSpan.FromSeconds(5), new FakeTimeProvider());
        await gate.EnterAsync(TestContext.Current.CancellationToken);
        using var impatient = new CancellationTokenSource();
        Task<int> first = gate.EnterAsync(impatient.Token).AsTask();
        Task<int> second = gate.EnterAsync(TestContext.Current.CancellationToken).AsTask();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Leave();

        Assert.Equal(1, await second);
        gate.Leave();
        Assert.Equal(0, gate.Figures.Active);
        Assert.Throws<InvalidOperationException>(gate.Leave);
        Assert.Equal(0, gate.Figures.Active);
    }

    [Theory]
    [InlineData(-1, DriftAction.Event)]
    [InlineData(61, DriftAction.Event)]
    [InlineData(0, (DriftAction)9)]
    public void Options_out_of_range_are_refused(int seconds, DriftAction action) =>
        Assert.Throws<ArgumentException>(() => new LimitsDesk(
            new GovernancePolicy(), limits: options => (options.BackpressureWait, options.DriftAction) = (TimeSpan.FromSeconds(seconds), action)));
}
