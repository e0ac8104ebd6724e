namespace Agt.Policy.RateLimits;

/// <summary>Whether a call passed a rate limit. The first value refuses, so that a forgotten answer refuses.</summary>
public enum RateLimitStatus : byte
{
    /// <summary>Too many calls in the window; nothing was consumed.</summary>
    Refused,

    /// <summary>The call counts in the window until it is released or the window has passed.</summary>
    Admitted,

    /// <summary>The store has forgotten this window; ask it for a new one.</summary>
    Retired,
}
