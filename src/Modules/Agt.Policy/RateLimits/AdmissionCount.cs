namespace Agt.Policy.RateLimits;

/// <summary>What was admitted in a sliding window. Times are ticks of the clock and never go back. Not thread-safe.</summary>
internal abstract class AdmissionCount
{
    /// <summary>Adds an admission at <paramref name="now"/> if there is room.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">The ticks until there may be room; 0 if there is.</param>
    internal abstract bool TryAdd(long now, out long wait);

    /// <summary>Takes back an admission, if it still counts.</summary>
    internal abstract void Remove(long stamp);

    /// <summary>Whether nothing counts any more.</summary>
    internal abstract bool IsEmpty(long now);
}
