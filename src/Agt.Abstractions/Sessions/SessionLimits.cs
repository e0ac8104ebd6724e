using System.ComponentModel.DataAnnotations;

namespace Agt;

/// <summary>What one session may use. A null bound is no bound.</summary>
public sealed record SessionLimits
{
    /// <summary>No bound at all.</summary>
    public static SessionLimits Unlimited { get; } = new();

    /// <summary>The bounds that hold when a host has neither policy nor limits of its own: 10 tool calls, 4,096 tokens, 300 seconds.</summary>
    public static SessionLimits Default { get; } = new() { MaxToolCalls = 10, MaxTokens = 4_096, Duration = TimeSpan.FromSeconds(300) };

    /// <summary>Bounds for an agent that loops: 50 tool calls, 300 seconds.</summary>
    public static SessionLimits AgentLoop { get; } = new() { MaxToolCalls = 50, Duration = TimeSpan.FromSeconds(300) };

    /// <summary>Tool calls that may run.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxToolCalls { get; init; }

    /// <summary>Model calls that may run.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxModelCalls { get; init; }

    /// <summary>Tokens (input and output) that models may report before the next model call is refused.</summary>
    [Range(1, long.MaxValue)]
    public long? MaxTokens { get; init; }

    /// <summary>How long the session may last.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The tighter of two sets of bounds, bound by bound.</summary>
    public SessionLimits TightenedBy(SessionLimits? other) => other is null ? this : new SessionLimits
    {
        MaxToolCalls = Min(MaxToolCalls, other.MaxToolCalls),
        MaxModelCalls = Min(MaxModelCalls, other.MaxModelCalls),
        MaxTokens = Min(MaxTokens, other.MaxTokens),
        Duration = Min(Duration, other.Duration),
    };

    private static T? Min<T>(T? left, T? right)
        where T : struct, IComparable<T> => left is null ? right : right is null || left.Value.CompareTo(right.Value) <= 0 ? left : right;
}
