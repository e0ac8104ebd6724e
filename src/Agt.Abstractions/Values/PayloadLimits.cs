using System.ComponentModel.DataAnnotations;

namespace Agt.Values;

/// <summary>Bounds on one payload. Beyond them a payload is refused, never cut.</summary>
public sealed record PayloadLimits
{
    /// <summary>The default bounds.</summary>
    public static PayloadLimits Default { get; } = new();

    /// <summary>The deepest nesting, 1 to 256. Default 64.</summary>
    [Range(1, 256)]
    public int MaxDepth { get; init; } = 64;

    /// <summary>The most values in one payload, 1 to 1,000,000. Default 100,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxValues { get; init; } = 100_000;

    /// <summary>The most characters of text (names included), 1 to 4,000,000. Default 1,048,576.</summary>
    [Range(1, 4_000_000)]
    public int MaxCharacters { get; init; } = 1_048_576;
}
