using System.Globalization;
using System.Text;
using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>Reads a policy from YAML, JSON or a map. Keys that it does not know are passed over, with a warning (POL-159).</summary>
internal static class GovernancePolicyReader
{
    internal static GovernancePolicy Read(string text, string source, ICollection<PolicyDiagnostic>? findings) => Bind(Tree(text, source), source, findings);

    internal static GovernancePolicy Read(IReadOnlyDictionary<string, object?> map, ICollection<PolicyDiagnostic>? findings) => Bind(Node(map, 1), "policy", findings);

    /// <summary>A file as a tree of nodes.</summary>
    /// <exception cref="PolicyLoadException">It is malformed, or too large.</exception>
    internal static DocumentNode Tree(string text, string source)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            if (bytes.Length > PolicyLoadOptions.Default.MaxBytes)
            {
                throw new DocumentException("AGTP005", default, $"The policy has {bytes.Length} bytes; at most {PolicyLoadOptions.Default.MaxBytes} are read.", "Split it.");
            }

            return text.AsSpan().TrimStart().StartsWith("{") ? JsonDocumentTreeReader.Read(bytes, PolicyLoadOptions.Default) : YamlDocumentReader.Read(text, PolicyLoadOptions.Default);
        }
        catch (DocumentException exception)
        {
            throw new PolicyLoadException([new PolicyDiagnostic(DiagnosticSeverity.Error, exception.Code, source, exception.Position, string.Empty, exception.Message, exception.Fix)]);
        }
    }

    internal static GovernancePolicy Bind(DocumentNode root, string source, ICollection<PolicyDiagnostic>? findings)
    {
        var bag = new DiagnosticBag(source) { IsLenient = true };
        GovernancePolicy? policy = Bind(root, bag, string.Empty);
        if (policy is null || bag.HasErrors)
        {
            throw new PolicyLoadException(bag.Found);
        }

        foreach (PolicyDiagnostic finding in findings is null ? [] : bag.Found)
        {
            findings!.Add(finding);
        }

        return policy;
    }

    /// <summary>Reads a number from 0 to 1; null with a finding if it is none.</summary>
    internal static double? Share(MapReader map, string name, DiagnosticBag bag)
    {
        if (map.Find(name) is not { } node)
        {
            return null;
        }

        if (double.TryParse(node.Scalar.NumberText(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1)
        {
            return value;
        }

        bag.Error("AGTP033", node.Position, map.PointerTo(name), $"{name} must be a number from 0 to 1.", "Write a number such as 0.8.");
        return null;
    }

    private static GovernancePolicy? Bind(DocumentNode root, DiagnosticBag bag, string pointer)
    {
        if (root.Members is null)
        {
            bag.Error("AGTP031", root.Position, pointer, $"A governance policy is {root.KindName}, not a map.", "Write fields such as max_tool_calls: 10.");
            return null;
        }

        var map = new MapReader(root, pointer, bag);
        map.RefuseUnknown(GovernancePolicyFormat.Names, "A governance policy");
        foreach (string name in GovernancePolicyFormat.Names)
        {
            if (map.Find(name) is { Scalar.Kind: ValueKind.Null } nothing)
            {
                map.WrongType(name, nothing, "a value");
            }
        }

        var defaults = new GovernancePolicy();
        try
        {
            var policy = new GovernancePolicy
            {
                Name = map.Text("name") ?? defaults.Name,
                Version = map.Text("version") ?? defaults.Version,
                MaxTokens = map.Integer("max_tokens", 1, long.MaxValue) ?? defaults.MaxTokens,
                MaxToolCalls = (int)(map.Integer("max_tool_calls", 0, int.MaxValue) ?? defaults.MaxToolCalls),
                AllowedTools = map.Texts("allowed_tools") ?? [],
                BlockedPatterns = Patterns(map, bag),
                RequireHumanApproval = map.Boolean("require_human_approval") ?? defaults.RequireHumanApproval,
                TimeoutSeconds = (int)(map.Integer("timeout_seconds", 1, int.MaxValue) ?? defaults.TimeoutSeconds),
                ConfidenceThreshold = Share(map, "confidence_threshold", bag) ?? defaults.ConfidenceThreshold,
                DriftThreshold = Share(map, "drift_threshold", bag) ?? defaults.DriftThreshold,
                LogAllCalls = map.Boolean("log_all_calls") ?? defaults.LogAllCalls,
                CheckpointFrequency = (int)(map.Integer("checkpoint_frequency", 1, int.MaxValue) ?? defaults.CheckpointFrequency),
                MaxConcurrent = (int)(map.Integer("max_concurrent", 1, int.MaxValue) ?? defaults.MaxConcurrent),
                BackpressureThreshold = (int)(map.Integer("backpressure_threshold", 1, int.MaxValue) ?? defaults.BackpressureThreshold),
            };
            return bag.HasErrors ? null : policy;
        }
        catch (ArgumentException exception)
        {
            string field = exception.ParamName ?? "blocked_patterns";
            bag.Error("AGTP058", (map.Find(field) ?? root).Position, map.PointerTo(field), exception.Message.Split(" (Parameter", 2)[0], "Correct it, or leave the field out.");
            return null;
        }
    }

    private static List<BlockedPattern> Patterns(MapReader map, DiagnosticBag bag)
    {
        var patterns = new List<BlockedPattern>();
        if (map.Find("blocked_patterns") is not { } node)
        {
            return patterns;
        }

        if (node.Items is null)
        {
            map.WrongType("blocked_patterns", node, "a list of patterns");
            return patterns;
        }

        for (int i = 0; i < node.Items.Count; i++)
        {
            DocumentNode item = node.Items[i];
            string pointer = $"{map.PointerTo("blocked_patterns")}/{i}";
            if (item.Text is { } text)
            {
                patterns.Add(text);
            }
            else if (item.Members is null)
            {
                bag.Error("AGTP031", item.Position, pointer, $"A blocked pattern is {item.KindName}, not text.", "Write text, or a map of pattern and type.");
            }
            else if (Pattern(item, pointer, bag) is { } pattern)
            {
                patterns.Add(pattern);
            }
        }

        return patterns;
    }

    internal static BlockedPattern? Pattern(DocumentNode node, string pointer, DiagnosticBag bag)
    {
        var map = new MapReader(node, pointer, bag);
        map.RefuseUnknown(["pattern", "type"], "A blocked pattern");
        string? text = map.Text("pattern", required: true);
        BlockedPatternKind? kind = map.Text("type") switch
        {
            null or "substring" => BlockedPatternKind.Substring,
            "regex" => BlockedPatternKind.Regex,
            "glob" => BlockedPatternKind.Glob,
            _ => null,
        };
        if (kind is null)
        {
            bag.Error("AGTP040", map.Find("type")!.Position, map.PointerTo("type"), "type must be substring, regex or glob.", "Write one of them, or leave it out for substring.");
        }

        return text is null || kind is null ? null : new BlockedPattern(text, kind.Value);
    }

    private static DocumentNode Node(object? value, int depth)
    {
        if (depth > 8)
        {
            throw new PolicyLoadException([new PolicyDiagnostic(DiagnosticSeverity.Error, "AGTP016", "policy", default, string.Empty, "The map is nested too deeply.", "Write fields, lists and the maps of patterns.")]);
        }

        return value switch
        {
            null => Scalar(GovernedValue.Null),
            string text => Scalar(GovernedValue.From(text)),
            bool flag => Scalar(GovernedValue.From(flag)),
            int number => Scalar(GovernedValue.From((long)number)),
            long number => Scalar(GovernedValue.From(number)),
            double number when double.IsFinite(number) => Scalar(GovernedValue.From(number)),
            IEnumerable<KeyValuePair<string, object?>> map => new DocumentNode
            {
                Position = default,
                Members = [.. map.Select(member => new DocumentMember(member.Key, default, Node(member.Value, depth + 1)))],
            },
            System.Collections.IEnumerable items => new DocumentNode { Position = default, Items = [.. items.Cast<object?>().Select(item => Node(item, depth + 1))] },
            _ => throw new PolicyLoadException(
                [new PolicyDiagnostic(DiagnosticSeverity.Error, "AGTP031", "policy", default, string.Empty, $"The map holds a {value.GetType().Name}.", "Use text, numbers, true or false, lists and maps.")]),
        };

        static DocumentNode Scalar(GovernedValue value) => new() { Position = default, Scalar = value };
    }
}
