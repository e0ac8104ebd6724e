using System.Globalization;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>
/// The limits of one agent as one value: budgets, tools, blocked texts and thresholds (spec 01, 4.2, POL-150 to POL-160). Every way of making one checks every field, and the
/// message of the exception names it as it is written in files. Immutable and thread-safe; equal when all fields are.
/// </summary>
/// <remarks>Put it in force by <c>AddGovernancePolicy</c>.</remarks>
public sealed partial record GovernancePolicy
{
    private const int MaxTools = 10_000;
    private readonly string[] _allowedTools = [];
    private PatternMatcher _patterns = new([]);

    /// <summary>Its name; not empty. Default <c>default</c>.</summary>
    public string Name { get; init => field = Written(value, "name"); } = "default";

    /// <summary>Its own version; not empty. Default <c>1.0.0</c>.</summary>
    public string Version { get; init => field = Written(value, "version"); } = "1.0.0";

    /// <summary>Tokens that models may use in a session; 1 or more. Default 4,096.</summary>
    public long MaxTokens { get; init => field = AtLeast(1, value, "max_tokens"); } = 4_096;

    /// <summary>Tool calls that may run in a session; 0 for none. Default 10.</summary>
    public int MaxToolCalls { get; init => field = (int)AtLeast(0, value, "max_tool_calls"); } = 10;

    /// <summary>The tools that may be called, by exact name; empty (the default) for all. No tools at all: <see cref="MaxToolCalls"/> 0.</summary>
    public IReadOnlyList<string> AllowedTools
    {
        get => _allowedTools;
        init => _allowedTools = Tools(value);
    }

    /// <summary>Texts that may occur in no input and no argument. Default none.</summary>
    public IReadOnlyList<BlockedPattern> BlockedPatterns
    {
        get => _patterns.Patterns;
        init
        {
            ArgumentNullException.ThrowIfNull(value, "blocked_patterns");
            _patterns = new PatternMatcher(value);
        }
    }

    /// <summary>Whether a person has to approve every tool call. Default false.</summary>
    public bool RequireHumanApproval { get; init; }

    /// <summary>How long a session may last, in seconds; 1 or more. Default 300.</summary>
    public int TimeoutSeconds { get; init => field = (int)AtLeast(1, value, "timeout_seconds"); } = 300;

    /// <summary>The least confidence that a call may declare, 0 to 1. Default 0.8.</summary>
    public double ConfidenceThreshold { get; init => field = Share(value, "confidence_threshold"); } = 0.8;

    /// <summary>How far results may drift from the first one of their operation, 0 to 1, before it is reported; 0 measures nothing (spec 08, ADP-091). Default 0.15.</summary>
    public double DriftThreshold { get; init => field = Share(value, "drift_threshold"); } = 0.15;

    /// <summary>Whether calls that nothing objects to are logged too. Default true.</summary>
    public bool LogAllCalls { get; init; } = true;

    /// <summary>After how many calls a checkpoint is reported; 1 or more. Default 5.</summary>
    public int CheckpointFrequency { get; init => field = (int)AtLeast(1, value, "checkpoint_frequency"); } = 5;

    /// <summary>How many tool calls may run at once; 1 or more. Default 10.</summary>
    public int MaxConcurrent { get; init => field = (int)AtLeast(1, value, "max_concurrent"); } = 10;

    /// <summary>From how many running calls on it is reported that it gets tight; 1 or more. Default 8.</summary>
    public int BackpressureThreshold { get; init => field = (int)AtLeast(1, value, "backpressure_threshold"); } = 8;

    /// <summary>The bounds that the chain itself holds for each session.</summary>
    public SessionLimits SessionLimits => new() { MaxTokens = MaxTokens, MaxToolCalls = MaxToolCalls, Duration = TimeSpan.FromSeconds(TimeoutSeconds) };

    /// <summary>All blocked patterns that a text matches, in the order of <see cref="BlockedPatterns"/>, never minding case (POL-155).</summary>
    /// <param name="text">The text.</param>
    public IReadOnlyList<BlockedPattern> MatchesPattern(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _patterns.Matches(text);
    }

    /// <summary>All blocked patterns that arguments match: their JSON text with sorted names, or any text in them (spec 01, 5.3).</summary>
    /// <param name="arguments">The arguments.</param>
    /// <exception cref="PayloadException">The arguments have no JSON text that says exactly what they are.</exception>
    public IReadOnlyList<BlockedPattern> MatchesPattern(GovernedValue arguments) => _patterns.Matches(arguments);

    /// <summary>What hardly can be meant, though every field for itself is sound (POL-156): one sentence each, none if all is well.</summary>
    public IReadOnlyList<string> DetectConflicts()
    {
        var found = new List<string>();
        if (BackpressureThreshold >= MaxConcurrent)
        {
            found.Add(string.Create(CultureInfo.InvariantCulture, $"backpressure_threshold is {BackpressureThreshold} and max_concurrent {MaxConcurrent}: calls are refused before it is said that it gets tight. Set it lower."));
        }

        if (MaxToolCalls == 0 && _allowedTools.Length > 0)
        {
            found.Add("max_tool_calls is 0 and allowed_tools names tools: none of them can be called. Raise max_tool_calls, or remove allowed_tools.");
        }

        if (ConfidenceThreshold == 0)
        {
            found.Add("confidence_threshold is 0: every confidence passes. Set it higher.");
        }

        if (TimeoutSeconds < 5)
        {
            found.Add(string.Create(CultureInfo.InvariantCulture, $"timeout_seconds is {TimeoutSeconds}: hardly any agent finishes in that time. Set 5 or more."));
        }

        return found;
    }

    /// <summary>Whether all fields are equal, lists item by item.</summary>
    public bool Equals(GovernancePolicy? other) => other is not null && (ReferenceEquals(this, other) || (Diff(other).Count == 0));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Version, MaxTokens, MaxToolCalls, TimeoutSeconds, ConfidenceThreshold, _allowedTools.Length, _patterns.Patterns.Length);

    private static string Written(string value, string field) => string.IsNullOrWhiteSpace(value)
        ? throw Wrong(field, $"{field} is empty.")
        : GovernancePolicyFormat.IsWellFormed(value) ? value : throw Wrong(field, $"{field} holds half a character.");

    private static long AtLeast(long least, long value, string field) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(field, string.Create(CultureInfo.InvariantCulture, $"{field} is {value}, but it must be {least} or more."));

    /// <summary>NaN is no number from 0 to 1 either.</summary>
    private static double Share(double value, string field) => value is >= 0 and <= 1
        ? value == 0 ? 0 : value
        : throw new ArgumentOutOfRangeException(field, string.Create(CultureInfo.InvariantCulture, $"{field} is {value}, but it must be from 0 to 1."));

    private static string[] Tools(IReadOnlyList<string> tools)
    {
        ArgumentNullException.ThrowIfNull(tools, "allowed_tools");
        if (tools.Count > MaxTools)
        {
            throw Wrong("allowed_tools", $"allowed_tools has {tools.Count} items; at most {MaxTools} are taken.");
        }

        for (int i = 0; i < tools.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(tools[i]) || !GovernancePolicyFormat.IsWellFormed(tools[i]))
            {
                throw Wrong("allowed_tools", $"allowed_tools[{i}] is empty, or holds half a character.");
            }
        }

        return [.. tools];
    }

    private static ArgumentException Wrong(string field, string message) => new(message, field);
}
