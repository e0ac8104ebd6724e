using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>Reads documents of Agent OS (spec 01, POL-003 to POL-005, POL-011).</summary>
internal sealed class AgentOsBinder(DiagnosticBag bag, RuleBinder rules, PolicyLoadOptions options)
{
    private static readonly string[] Fields =
        ["name", "version", "description", "rules", "defaults", "inherit", "scope", "tool_allowlist", "network_allowlist", "a2a_conversation_policy"];

    private static readonly string[] DefaultFields =
        ["action", "max_tokens", "max_tool_calls", "confidence_threshold", "max_cpu", "max_memory_mb", "timeout_seconds", "network_default"];

    internal static bool HasUnknown(MapReader map)
    {
        foreach (DocumentMember member in map.Members)
        {
            if (Array.IndexOf(Fields, member.Name) < 0 && member.Name is not ("metadata" or "disclaimer") && !member.Name.StartsWith("x-", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    internal PolicyDocument? Bind(MapReader map, Digest digest)
    {
        map.RefuseUnknown(Fields, "An Agent OS policy");
        DocumentNode? defaults = map.Find("defaults");
        if (defaults is { Members: null })
        {
            if (defaults.Scalar.Kind != ValueKind.Null)
            {
                map.WrongType("defaults", defaults, "a map");
            }

            defaults = null;
        }

        bool lenient = options.Profile == PolicyProfile.AgentOs10;
        bool allows = lenient;
        SessionLimits? limits = null;
        var all = new List<PolicyRule>();
        if (defaults is not null)
        {
            var reader = new MapReader(defaults, "/defaults", bag);
            reader.RefuseUnknown(DefaultFields, "defaults");
            allows = Action(reader) ?? allows;
            limits = Limits(reader);
            if (Confidence(reader) is { } threshold && !lenient)
            {
                all.Add(ConfidenceRule(threshold, defaults.Position));
            }
        }

        if (defaults is null || new MapReader(defaults, "/defaults", bag).Find("action") is null)
        {
            bag.Warn(
                "AGTP049", map.Position, "/defaults/action", $"There is no defaults.action; what no rule matches is {(allows ? "allowed" : "denied")}.", "Write defaults: {action: deny}, or allow.");
        }

        string name = map.Text("name") is { Length: > 0 } given ? given : "unnamed";
        all.AddRange(DocumentBinder.ReadRules(map, bag, rules, agentOs: true));
        var document = new PolicyDocument(name, bag.Source, digest)
        {
            Kind = PolicyDocumentKind.AgentOs,
            Version = map.Text("version") ?? "1.0",
            Description = map.Text("description"),
            Agents = ["*"],
            PathScope = map.Text("scope"),
            Inherits = map.Boolean("inherit") ?? true,
            DefaultAllows = allows,
            ToolAllowlist = map.Texts("tool_allowlist") is { Length: > 0 } tools ? tools : null,
            NetworkAllowlist = map.Texts("network_allowlist"),
            ConversationPolicy = map.Find("a2a_conversation_policy")?.ToValue() ?? default,
            Limits = limits,
            Rules = [.. all],
        };
        return bag.HasErrors ? null : document;
    }

    private bool? Action(MapReader defaults)
    {
        switch (defaults.Text("action"))
        {
            case null:
                return null;
            case "allow" or "audit" or "log" or "warn":
                return true;
            case "deny" or "block":
                return false;
            case var other:
                bag.Error("AGTP038", defaults.Find("action")!.Position, "/defaults/action", $"defaults.action is {YamlDocumentReader.Shown(other)}.", "Write allow or deny.");
                return null;
        }
    }

    /// <summary>The limits that are written. Those that are not are no limits: a document about one thing does not bound another.</summary>
    private SessionLimits? Limits(MapReader defaults)
    {
        var limits = new SessionLimits { MaxToolCalls = (int?)defaults.Integer("max_tool_calls", 0, int.MaxValue), MaxTokens = defaults.Integer("max_tokens", 1, long.MaxValue) };
        return options.Profile == PolicyProfile.AgentOs10 || limits is { MaxToolCalls: null, MaxTokens: null } ? null : limits;
    }

    private double? Confidence(MapReader defaults)
    {
        if (defaults.Find("confidence_threshold") is not { } node)
        {
            return null;
        }

        if (double.TryParse(node.Scalar.NumberText(), System.Globalization.CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1)
        {
            return value;
        }

        bag.Error("AGTP033", node.Position, "/defaults/confidence_threshold", "confidence_threshold must be a number from 0 to 1.", "Write a number such as 0.8.");
        return null;
    }

    /// <summary>In the original the threshold is written and never looked at (POL-X25).</summary>
    private static PolicyRule ConfidenceRule(double threshold, SourcePosition position)
    {
        ConditionNode path = ConditionParser.Parse("confidence", ConditionLimits.Default, new PatternCache());
        return new PolicyRule
        {
            Name = "defaults.confidence_threshold",
            Position = position,
            Condition = new ComparisonNode(-1, ComparisonOperator.Less, path, new LiteralNode(-1, GovernedValue.From(threshold))),
            Effect = RuleEffect.Deny,
            Points = [InterventionPoint.PreToolCall],
            Priority = int.MaxValue,
            Message = "Confidence below required threshold.",
        };
    }
}
