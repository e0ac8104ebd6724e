using Agt.Policy.RateLimits;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Evaluation;

public class MemoryRateLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    [Requirement("POL-211")]
    public void Two_a_minute_admits_at_0_and_10_refuses_at_59_and_admits_at_60_001()
    {
        RateLimitWindow window = Window(2, TimeSpan.FromMinutes(1));
        Assert.Equal(RateLimitStatus.Admitted, window.TryAcquire().Status);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(RateLimitStatus.Admitted, window.TryAcquire().Status);
        _time.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal(RateLimitStatus.Refused, window.TryAcquire().Status);
        _time.Advance(TimeSpan.FromSeconds(1.001));
        Assert.Equal(RateLimitStatus.Admitted, window.TryAcquire().Status);
        Assert.Equal(RateLimitStatus.Refused, window.TryAcquire().Status);
    }

    [Fact]
    [Requirement("POL-213")]
    public void A_refusal_says_when_the_oldest_call_leaves_the_window()
    {
        RateLimitWindow window = Window(2, TimeSpan.FromMinutes(1));
        window.TryAcquire();
        _time.Advance(TimeSpan.FromSeconds(10));
        window.TryAcquire();
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.FromSeconds(30), window.TryAcquire().RetryAfter);
    }

    [Fact]
    [Requirement("POL-211")]
    public void A_refusal_consumes_nothing()
    {
        RateLimitWindow window = Window(1, TimeSpan.FromSeconds(10));
        window.TryAcquire();
        for (int i = 0; i < 9; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(RateLimitStatus.Refused, window.TryAcquire().Status);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RateLimitStatus.Admitted, window.TryAcquire().Status);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5_000)]
    public void A_call_given_back_makes_room_for_one_other(int limit)
    {
        RateLimitWindow window = Window(limit, TimeSpan.FromMinutes(1));
        var stamps = new List<long>();
        for (int i = 0; i < limit; i++)
        {
            stamps.Add(window.TryAcquire().Stamp);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        window.Release(stamps[limit / 2]);
        Assert.Equal(RateLimitStatus.Admitted, window.TryAcquire().Status);
        Assert.Equal(RateLimitStatus.Refused, window.TryAcquire().Status);
    }

    [Fact]
    [Requirement("POL-211")]
    public void No_window_ever_holds_more_than_the_limit()
    {
        Gen.Select(Gen.Int[1, 3_000], Gen.Int[1, 60], Gen.Int[0, 400].Array[20, 200]).Sample(
            (limit, seconds, steps) =>
            {
                var time = new FakeTimeProvider();
                RateLimitWindow window = new MemoryRateLimitStore(time).GetWindow(Key(limit, TimeSpan.FromSeconds(seconds)))!;
                var admitted = new List<long>();
                var live = new List<RateLimitAnswer>();
                foreach (int step in steps)
                {
                    time.Advance(TimeSpan.FromMilliseconds(step * seconds));
                    for (int i = 0; i < step * limit / 400; i++)
                    {
                        RateLimitAnswer answer = window.TryAcquire();
                        if (answer.Status == RateLimitStatus.Admitted)
                        {
                            admitted.Add(answer.Stamp);
                            live.Add(answer);
                        }
                    }

                    if (step % 7 == 0 && live.Count > 0)
                    {
                        window.Release(live[^1].Stamp);
                        admitted.Remove(live[^1].Stamp);
                        live.RemoveAt(live.Count - 1);
                    }
                }

                long length = seconds * time.TimestampFrequency;
                int first = 0;
                for (int last = 0; last < admitted.Count; last++)
                {
                    while (admitted[first] <= admitted[last] - length)
                    {
                        first++;
                    }

                    Assert.True(last - first + 1 <= limit);
                }
            },
            iter: 200);
    }

    [Fact]
    [Requirement("POL-211")]
    public async Task Eight_threads_together_are_never_admitted_more_often_than_the_limit()
    {
        foreach (int limit in (int[])[1, 100, 1_024, 10_000])
        {
            RateLimitWindow window = Window(limit, TimeSpan.FromDays(1));
            int admitted = 0;
            int released = 0;
            await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            {
                for (int i = 0; i < 5_000; i++)
                {
                    RateLimitAnswer answer = window.TryAcquire();
                    if (answer.Status != RateLimitStatus.Admitted)
                    {
                        continue;
                    }

                    Interlocked.Increment(ref admitted);
                    if (i % 3 == 0)
                    {
                        window.Release(answer.Stamp);
                        Interlocked.Increment(ref released);
                    }
                }
            })));
            Assert.True(admitted - released <= limit, $"{admitted} admitted, {released} given back, limit {limit}");
            while (window.TryAcquire().Status == RateLimitStatus.Admitted)
            {
                admitted++;
            }

            Assert.Equal(limit, admitted - released);
        }
    }

    [Fact]
    [Requirement("POL-217", Partial = "a full table of live keys refuses instead of forgetting the least recently used")]
    public void A_full_store_never_forgets_a_key_inside_its_window()
    {
        var store = new MemoryRateLimitStore(_time, capacity: 2);
        RateLimitWindow first = store.GetWindow(Key(1, TimeSpan.FromSeconds(10)) with { Subject = "1" })!;
        RateLimitWindow second = store.GetWindow(Key(1, TimeSpan.FromSeconds(10)) with { Subject = "2" })!;
        first.TryAcquire();
        second.TryAcquire();
        Assert.Null(store.GetWindow(Key(1, TimeSpan.FromSeconds(10)) with { Subject = "3" }));

        _time.Advance(TimeSpan.FromSeconds(10));
        RateLimitWindow? third = store.GetWindow(Key(1, TimeSpan.FromSeconds(10)) with { Subject = "3" });
        Assert.NotNull(third);
        Assert.Equal(RateLimitStatus.Retired, first.TryAcquire().Status);
        Assert.Equal(RateLimitStatus.Admitted, second.TryAcquire().Status);
        Assert.Same(third, store.GetWindow(Key(1, TimeSpan.FromSeconds(10)) with { Subject = "3" }));
    }

    private static RateLimitKey Key(int limit, TimeSpan window) => new("policy", "rule", RateLimitScope.Agent, "agent", new RateLimit(limit, window));

    private RateLimitWindow Window(int limit, TimeSpan window) => new MemoryRateLimitStore(_time).GetWindow(Key(limit, window))!;
}
