using System.Globalization;

namespace Agt.Policy.RateLimits;

/// <summary>How often something may happen: at most <paramref name="Count"/> times in any window of <paramref name="Window"/>.</summary>
/// <param name="Count">From 1 to 1,000,000,000.</param>
/// <param name="Window">One second to one day.</param>
public readonly record struct RateLimit(int Count, TimeSpan Window)
{
    /// <summary>Reads <c>N/unit</c>, as in <c>100/hour</c> (POL-210). Units: s, sec, second, m, min, minute, h, hr, hour, d, day, and plurals.</summary>
    public static bool TryParse(string? text, out RateLimit limit)
    {
        limit = default;
        int slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || !int.TryParse(text.AsSpan(0, slash).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > 1_000_000_000)
        {
            return false;
        }

        TimeSpan window = text![(slash + 1)..].Trim() switch
        {
            "s" or "sec" or "secs" or "second" or "seconds" => TimeSpan.FromSeconds(1),
            "m" or "min" or "mins" or "minute" or "minutes" => TimeSpan.FromMinutes(1),
            "h" or "hr" or "hrs" or "hour" or "hours" => TimeSpan.FromHours(1),
            "d" or "day" or "days" => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        limit = new RateLimit(count, window);
        return window > TimeSpan.Zero;
    }
}
