using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Agt.Cli.Audit.Service;

/// <summary>
/// How many requests an identity may make: so many a second, twice as many at once. Denials and security events have room of their own beside it, so that nobody keeps them out by flooding the log with something else
/// (spec 09, AUD-708 and AUD-X07).
/// </summary>
internal sealed class ServiceLimits(int perSecond) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetTokenBucketLimiter(name, _ => Bucket(perSecond)));
    private readonly PartitionedRateLimiter<string> _reserved = PartitionedRateLimiter.Create<string, string>(name => RateLimitPartition.GetTokenBucketLimiter(name, _ => Bucket(Math.Max(1, perSecond / 10))));

    /// <summary>Takes a request, or says that there have been too many.</summary>
    /// <param name="context">The request; the headers are set on it.</param>
    /// <param name="identity">Who asks.</param>
    /// <param name="cost">How many records it is about.</param>
    /// <param name="urgent">Whether it is about denials or security events only.</param>
    internal bool TryTake(HttpContext context, string identity, int cost, bool urgent)
    {
        cost = Math.Clamp(cost, 1, 2 * perSecond);
        using RateLimitLease lease = _limiter.AttemptAcquire(identity, cost);
        bool good = lease.IsAcquired;
        if (!good && urgent)
        {
            using RateLimitLease reserved = _reserved.AttemptAcquire(identity, Math.Clamp(cost, 1, 2 * Math.Max(1, perSecond / 10)));
            good = reserved.IsAcquired;
        }

        long left = _limiter.GetStatistics(identity)?.CurrentAvailablePermits ?? 0;
        foreach (string prefix in new[] { "RateLimit-", "X-RateLimit-" })
        {
            context.Response.Headers[prefix + "Limit"] = (2 * perSecond).ToString(CultureInfo.InvariantCulture);
            context.Response.Headers[prefix + "Remaining"] = left.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers[prefix + "Reset"] = "1";
        }

        if (!good)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return good;
    }

    public void Dispose()
    {
        _limiter.Dispose();
        _reserved.Dispose();
    }

    private static TokenBucketRateLimiterOptions Bucket(int perSecond) =>
        new() { TokenLimit = 2 * perSecond, TokensPerPeriod = Math.Max(1, perSecond / 10), ReplenishmentPeriod = TimeSpan.FromMilliseconds(perSecond >= 10 ? 100 : 1_000), QueueLimit = 0, AutoReplenishment = true };
}
