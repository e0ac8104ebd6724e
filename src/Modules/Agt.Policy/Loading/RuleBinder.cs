using Agt.Policy.Documents;
using Agt.Policy.RateLimits;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>Reads one rule.</summary>
internal sealed class RuleBinder(DiagnosticBag bag, PatternCache patterns, PolicyLoadOptions options)
{
    private static readonly string[] Fields =
    [
        "name", "condition", "conditions", "action", "stage", "priority", "enabled", "limit", "limit_key", "approvers", "description", "message", "transforms",
        "default_level", "context_overrides", "override",
    ];

    private static readonly string[] Actions =
        ["allow", "deny", "block", "audit", "log", "warn", "require_approval", "escalate", "transform", "redact", "rate_limit"];

    private static readonly string[] Stages =
        ["pre_input", "pre_model", "post_model", "pre_tool", "post_tool", "pre_output", "startup", "shutdown"];

    private static readonly InterventionPoint[] Points =
    [
        InterventionPoint.Input, InterventionPoint.PreModelCall, InterventionPoint.PostModelCall, InterventionPoint.PreToolCall,
        InterventionPoint.PostToolCall, InterventionPoint.Output, InterventionPoint.AgentStartup, InterventionPoint.AgentShutdown,
    ];

    private static readonly InterventionPoint[] BeforeTool = [InterventionPoint.PreToolCall];

    private readonly ConditionBinder _conditions = new(bag, patterns, options.Conditions, options.SkipNonLinearPatterns);
    private readonly TransformBinder _transforms = new(bag, patterns, options.Conditions);

    /// <summary>Says which attributes of the session the conditions may read.</summary>
    internal void Declare(IEnumerable<SessionAttributeDefinition> attributes) => _conditions.Attributes = attributes.ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);

    /// <summary>The rule, or null if it was refused.</summary>
    /// <param name="node">The map.</param>
    /// <param name="pointer">Where it is.</param>
    /// <param name="agentOs">Whether it is of an Agent OS document: the action must be written, and the stages follow from what the condition reads unless they are.</param>
    internal PolicyRule? Bind(DocumentNode node, string pointer, bool agentOs = false)
    {
        if (node.Members is null)
        {
            bag.Error("AGTP031", node.Position, pointer, $"A rule is {node.KindName}, not a map.", "Write name, condition and action.");
            return null;
        }

        var map = new MapReader(node, pointer, bag);
        map.RefuseUnknown(Fields, "A rule");
        string? name = map.Text("name", required: true);
        bool stagesFollow = agentOs && map.Find("stage") is null;
        InterventionPoint[] points = stagesFollow ? [] : Stage(map);
        ConditionNode? condition = _conditions.Bind(map, points);
        bool skipped = condition is null && _conditions.WasSkipped;
        points = stagesFollow ? AgentOsStages.Of(condition) : points;
        bool softened = RuleLevels.Has(map);
        (RuleEffect Effect, bool Enabled)? level = softened ? RuleLevels.Read(map, options.OperatingContext, bag) : null;
        RuleEffect? effect = softened ? level?.Effect : Effect(map, agentOs);
        int priority = (int)(map.Integer("priority", int.MinValue, int.MaxValue) ?? 0);
        Patch[] patches = _transforms.Bind(map, effect, points);
        RateLimit? limit = Limit(map, effect);
        RateLimitScope scope = LimitKey(map, effect);
        var rule = new PolicyRule
        {
            Name = name ?? "unnamed",
            Position = node.Position,
            Condition = condition ?? new LiteralNode(0, GovernedValue.From(true)),
            Effect = effect ?? RuleEffect.Deny,
            Points = points,
            Priority = priority,
            Enabled = (map.Boolean("enabled") ?? true) && !skipped && level is not { Enabled: false },
            Overrides = map.Boolean("override") ?? false,
            Limit = limit,
            LimitScope = scope,
            Approvers = Approvers(map, effect),
            Description = map.Text("description"),
            Message = map.Text("message"),
            Patches = patches,
        };
        return name is null || (condition is null && !skipped) || effect is null ? null : rule;
    }

    internal static string StageName(InterventionPoint point) => Stages[Array.IndexOf(Points, point)];

    private RuleEffect? Effect(MapReader map, bool required)
    {
        DocumentNode? node = map.Find("action");
        if (node is null)
        {
            if (required)
            {
                map.Missing("action");
                return null;
            }

            return RuleEffect.Deny;
        }

        RuleEffect? effect = node.Text switch
        {
            "allow" => RuleEffect.Allow,
            "deny" or "block" => RuleEffect.Deny,
            "audit" or "log" => RuleEffect.Audit,
            "warn" => RuleEffect.Warn,
            "require_approval" or "escalate" => RuleEffect.RequireApproval,
            "transform" or "redact" => RuleEffect.Transform,
            "rate_limit" => RuleEffect.RateLimit,
            _ => null,
        };
        if (effect is null)
        {
            string? nearest = node.Text is { } text ? Suggestion.Nearest(text, Actions) : null;
            bag.Error(
                "AGTP040", node.Position, map.PointerTo("action"), node.Text is { } written ? $"There is no action {YamlDocumentReader.Shown(written)}." : $"action is {node.KindName}, not text.",
                nearest is null ? "Actions: " + string.Join(", ", Actions) + "." : $"Did you mean '{nearest}'?");
        }

        return effect;
    }

    private InterventionPoint[] Stage(MapReader map)
    {
        if (map.Texts("stage") is not { } names)
        {
            return BeforeTool;
        }

        var points = new List<InterventionPoint>();
        foreach (string name in names)
        {
            int index = Array.IndexOf(Stages, name);
            if (index < 0)
            {
                string? nearest = Suggestion.Nearest(name, Stages);
                bag.Error(
                    "AGTP041", map.Find("stage")!.Position, map.PointerTo("stage"), $"There is no stage {YamlDocumentReader.Shown(name)}.",
                    nearest is null ? "Stages: " + string.Join(", ", Stages) + "." : $"Did you mean '{nearest}'?");
            }
            else if (!points.Contains(Points[index]))
            {
                points.Add(Points[index]);
            }
        }

        if (points.Count == 0 && names.Length == 0)
        {
            bag.Error("AGTP041", map.Find("stage")!.Position, map.PointerTo("stage"), "stage is an empty list, so the rule would never apply.", "Name a stage, or leave stage out for pre_tool.");
        }

        return [.. points];
    }

    private RateLimit? Limit(MapReader map, RuleEffect? effect)
    {
        string? text = map.Text("limit");
        if (text is null)
        {
            if (effect == RuleEffect.RateLimit)
            {
                map.Missing("limit");
            }

            return null;
        }

        if (effect is not (RuleEffect.RateLimit or null))
        {
            bag.Error("AGTP042", map.Find("limit")!.Position, map.PointerTo("limit"), "limit belongs to rules whose action is rate_limit.", "Set action: rate_limit, or remove limit.");
            return null;
        }

        if (RateLimit.TryParse(text, out RateLimit limit))
        {
            return limit;
        }

        bag.Error("AGTP042", map.Find("limit")!.Position, map.PointerTo("limit"), $"The limit {YamlDocumentReader.Shown(text)} is malformed.", "Write a count and a unit, such as 100/hour; units are second, minute, hour, day.");
        return null;
    }

    private RateLimitScope LimitKey(MapReader map, RuleEffect? effect)
    {
        string? text = map.Text("limit_key");
        if (text is null)
        {
            return RateLimitScope.Agent;
        }

        RateLimitScope? scope = text switch
        {
            "agent" => RateLimitScope.Agent,
            "tenant" => RateLimitScope.Tenant,
            "session" => RateLimitScope.Session,
            "tool" => RateLimitScope.Tool,
            _ => null,
        };
        if (scope is null || effect is not (RuleEffect.RateLimit or null))
        {
            bag.Error("AGTP042", map.Find("limit_key")!.Position, map.PointerTo("limit_key"), scope is null ? $"There is no limit_key {YamlDocumentReader.Shown(text)}." : "limit_key belongs to rules whose action is rate_limit.", "Write agent, tenant, session or tool, in a rate_limit rule.");
        }

        return scope ?? RateLimitScope.Agent;
    }

    private string[] Approvers(MapReader map, RuleEffect? effect)
    {
        string[] approvers = map.Texts("approvers") ?? [];
        if (approvers.Length > 0 && effect is not (RuleEffect.RequireApproval or null))
        {
            bag.Warn("AGTP047", map.Find("approvers")!.Position, map.PointerTo("approvers"), "approvers has no effect: the rule's action asks nobody.", "Set action: require_approval, or remove approvers.");
        }

        return approvers;
    }
}
