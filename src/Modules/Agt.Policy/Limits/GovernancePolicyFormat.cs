using System.Globalization;
using System.Text;

namespace Agt.Policy.Limits;

/// <summary>The fields of a policy as files name them, and their values as JSON, which YAML reads too.</summary>
internal static class GovernancePolicyFormat
{
    /// <summary>The longest session that a document can name: a year.</summary>
    private const int MaxTimeout = 31_536_000;

    /// <summary>Every field, in the order in which it is written.</summary>
    internal static IReadOnlyList<(string Name, Func<GovernancePolicy, string> Json)> Fields { get; } =
    [
        ("name", policy => Text(policy.Name)),
        ("version", policy => Text(policy.Version)),
        ("max_tokens", policy => policy.MaxTokens.ToString(CultureInfo.InvariantCulture)),
        ("max_tool_calls", policy => policy.MaxToolCalls.ToString(CultureInfo.InvariantCulture)),
        ("allowed_tools", policy => List(policy.AllowedTools, Text)),
        ("blocked_patterns", policy => List(policy.BlockedPatterns, Pattern)),
        ("require_human_approval", policy => policy.RequireHumanApproval ? "true" : "false"),
        ("timeout_seconds", policy => policy.TimeoutSeconds.ToString(CultureInfo.InvariantCulture)),
        ("confidence_threshold", policy => Number(policy.ConfidenceThreshold)),
        ("drift_threshold", policy => Number(policy.DriftThreshold)),
        ("log_all_calls", policy => policy.LogAllCalls ? "true" : "false"),
        ("checkpoint_frequency", policy => policy.CheckpointFrequency.ToString(CultureInfo.InvariantCulture)),
        ("max_concurrent", policy => policy.MaxConcurrent.ToString(CultureInfo.InvariantCulture)),
        ("backpressure_threshold", policy => policy.BackpressureThreshold.ToString(CultureInfo.InvariantCulture)),
    ];

    internal static string[] Names { get; } = [.. Fields.Select(field => field.Name)];

    internal static string ToYaml(GovernancePolicy policy)
    {
        var yaml = new StringBuilder();
        foreach ((string name, Func<GovernancePolicy, string> json) in Fields)
        {
            yaml.Append(name).Append(": ").Append(json(policy)).Append('\n');
        }

        return yaml.ToString();
    }

    /// <summary>
    /// The budgets as a policy document, which the chain holds for each session, whichever agents a document is for. Alone, it allows everything within them; beside other policies it is for
    /// an agent that cannot be, so that its default allows nobody anything.
    /// </summary>
    internal static string ToDocument(GovernancePolicy policy, bool isAlone) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        apiVersion: governance.toolkit/v1
        name: {Text(policy.Name)}
        version: {Text(policy.Version)}
        agents: [{(isAlone ? "'*'" : "'(none)'")}]
        default_action: allow
        limits:
          max_tokens: {policy.MaxTokens}
          max_tool_calls: {policy.MaxToolCalls}
          timeout_seconds: {Math.Min(policy.TimeoutSeconds, MaxTimeout)}

        """);

    internal static IReadOnlyDictionary<string, object?> ToMap(GovernancePolicy policy) => new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["name"] = policy.Name,
        ["version"] = policy.Version,
        ["max_tokens"] = policy.MaxTokens,
        ["max_tool_calls"] = (long)policy.MaxToolCalls,
        ["allowed_tools"] = policy.AllowedTools.Select(object? (tool) => tool).ToArray(),
        ["blocked_patterns"] = policy.BlockedPatterns.Select(object? (pattern) => pattern.Kind == BlockedPatternKind.Substring
            ? pattern.Text
            : new Dictionary<string, object?>(StringComparer.Ordinal) { ["pattern"] = pattern.Text, ["type"] = KindName(pattern.Kind) }).ToArray(),
        ["require_human_approval"] = policy.RequireHumanApproval,
        ["timeout_seconds"] = (long)policy.TimeoutSeconds,
        ["confidence_threshold"] = policy.ConfidenceThreshold,
        ["drift_threshold"] = policy.DriftThreshold,
        ["log_all_calls"] = policy.LogAllCalls,
        ["checkpoint_frequency"] = (long)policy.CheckpointFrequency,
        ["max_concurrent"] = (long)policy.MaxConcurrent,
        ["backpressure_threshold"] = (long)policy.BackpressureThreshold,
    };

    internal static string KindName(BlockedPatternKind kind) => kind switch
    {
        BlockedPatternKind.Regex => "regex",
        BlockedPatternKind.Glob => "glob",
        _ => "substring",
    };

    internal static string Pattern(BlockedPattern pattern) =>
        pattern.Kind == BlockedPatternKind.Substring ? Text(pattern.Text) : $$"""{"pattern": {{Text(pattern.Text)}}, "type": "{{KindName(pattern.Kind)}}"}""";

    internal static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    internal static string List<T>(IEnumerable<T> items, Func<T, string> json) => "[" + string.Join(", ", items.Select(json)) + "]";

    /// <summary>A JSON string in which everything that YAML calls unprintable is escaped.</summary>
    internal static string Text(string text)
    {
        var json = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\')
            {
                json.Append('\\').Append(c);
            }
            else if (c is < ' ' or (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff')
            {
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                json.Append(c);
            }
        }

        return json.Append('"').ToString();
    }

    /// <summary>Whether a text can be written as UTF-8: half a character cannot.</summary>
    internal static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}
