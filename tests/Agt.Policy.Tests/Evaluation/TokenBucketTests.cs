using Agt.Policy.RateLimits;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Evaluation;

public sealed class TokenBucketTests
{
    [Fact]
    [Requirement("POL-214")]
    public void It_gives_what_is_there_fills_at_its_rate_and_says_how_long_to_wait()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(10, 2, time: time);
        Assert.True(bucket.TryConsume(10, out TimeSpan wait));
        Assert.Equal(TimeSpan.Zero, wait);
        Assert.False(bucket.TryConsume(3, out wait));
        Assert.Equal(TimeSpan.FromSeconds(1.5), wait);
        time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.True(bucket.TryConsume(3, out _));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, bucket.Available);
        Assert.False(bucket.TryConsume(10.5, out wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
        Assert.Equal(10, bucket.Available);
    }

    [Fact]
    [Requirement("POL-214")]
    public void Without_a_rate_it_never_fills()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(1, 0, 0, time);
        time.Advance(TimeSpan.FromDays(1));
        Assert.False(bucket.TryConsume(1, out TimeSpan wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
    }

    [Theory]
    [Requirement("POL-214")]
    [InlineData(0, 1, null)]
    [InlineData(-1, 1, null)]
    [InlineData(double.NaN, 1, null)]
    [InlineData(1, -1, null)]
    [InlineData(1, double.PositiveInfinity, null)]
    [InlineData(1, 1, -0.1)]
    [InlineData(1, 1, 1.1)]
    public void What_is_out_of_range_is_refused(double capacity, double rate, double? initial) => Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBucket(capacity, rate, initial));

    [Theory]
    [Requirement("POL-214")]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Only_something_can_be_taken(double amount) => Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBucket(1, 1).TryConsume(amount, out _));

    [Fact]
    [Requirement("POL-214")]
    public void Eight_threads_never_get_more_than_the_capacity_and_what_came_in()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(100, 10, time: time);
        int taken = 0;
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                if (thread == 0 && i % 100 == 0)
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                }

                if (bucket.TryConsume(1, out _))
                {
                    Interlocked.Increment(ref taken);
                }
            }
        });
        Assert.InRange(taken, 100, 100 + (20 * 10));
    }
}
