namespace Agt.Policy.RateLimits;

/// <summary>Where rate limits are counted. Thread-safe. What throws denies the call.</summary>
public interface IRateLimitStore
{
    /// <summary>The window of a key, made on first use; null when the store is full, which refuses the call. A key is never forgotten inside its window.</summary>
    RateLimitWindow? GetWindow(in RateLimitKey key);
}
