namespace Agt.Policy.RateLimits;

/// <summary>What a <see cref="RateLimitWindow"/> says of one call.</summary>
/// <param name="Status">Whether the call is admitted.</param>
/// <param name="Stamp">What gives an admitted call back; opaque to callers.</param>
/// <param name="RetryAfter">How long until the next call can be admitted, when refused.</param>
public readonly record struct RateLimitAnswer(RateLimitStatus Status, long Stamp, TimeSpan RetryAfter);
