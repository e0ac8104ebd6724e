namespace Agt.Policy.RateLimits;

/// <summary>One sliding window of one key. Callers may keep it: a window that was forgotten answers <see cref="RateLimitStatus.Retired"/>. Thread-safe.</summary>
public abstract class RateLimitWindow
{
    /// <summary>Counts one call if fewer than the limit were admitted in (now - window, now] (POL-211). A refusal consumes nothing.</summary>
    public abstract RateLimitAnswer TryAcquire();

    /// <summary>Gives back a call that was admitted and then did not happen. Nothing happens if its window has passed.</summary>
    /// <param name="stamp">The <see cref="RateLimitAnswer.Stamp"/> of the admission.</param>
    public abstract void Release(long stamp);
}
