using Agt.Policy.Documents;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Loading;

/// <summary>Turns the tree of a file into a policy document, and reports everything that is wrong with it.</summary>
internal sealed class DocumentBinder
{
    internal const string CurrentVersion = "governance.toolkit/v1";

    private static readonly string[] Fields =
    [
        "apiVersion", "name", "version", "description", "agent", "agents", "scope", "default_action", "rules", "tool_allowlist", "limits",
        "network_allowlist", "a2a_conversation_policy", "extends", "session_attributes", "information_flow", "inherit",
    ];

    private static readonly string[] LimitFields = ["max_tool_calls", "max_model_calls", "max_tokens", "timeout_seconds"];

    private readonly DiagnosticBag _bag;
    private readonly PolicyLoadOptions _options;
    private readonly RuleBinder _rules;

    internal DocumentBinder(DiagnosticBag bag, PatternCache patterns, PolicyLoadOptions options)
    {
        _bag = bag;
        _options = options;
        _rules = new RuleBinder(bag, patterns, options);
    }

    /// <summary>The document, or null if it was refused.</summary>
    internal PolicyDocument? Bind(DocumentNode root, Digest digest)
    {
        if (root.Members is null)
        {
            _bag.Error("AGTP020", root.Position, string.Empty, $"The file is {root.KindName}, not a policy.", $"Write a map, beginning with apiVersion: {CurrentVersion}.");
            return null;
        }

        var map = new MapReader(root, string.Empty, _bag);
        if (map.Find("apiVersion") is null && map.Find("agent_control_specification_version") is null && IsAgentOs(map))
        {
            return new AgentOsBinder(_bag, _rules, _options).Bind(map, digest);
        }

        if (!IsCurrent(map))
        {
            return null;
        }

        map.RefuseUnknown(Fields, "A policy");
        NotEnforcedHere(map, "network_allowlist");
        NotEnforcedHere(map, "a2a_conversation_policy");
        string? name = map.Text("name", required: true);
        SessionAttributeDefinition[] attributes = SessionAttributeBinder.Bind(map, _bag);
        _rules.Declare(attributes);
        var document = new PolicyDocument(name ?? "unnamed", _bag.Source, digest)
        {
            Version = map.Text("version") ?? "1.0",
            Description = map.Text("description"),
            Agents = Agents(map),
            Scope = Scope(map),
            Inherits = map.Boolean("inherit") ?? true,
            DefaultAllows = DefaultAction(map),
            ToolAllowlist = ToolAllowlist(map),
            NetworkAllowlist = map.Texts("network_allowlist"),
            ConversationPolicy = map.Find("a2a_conversation_policy")?.ToValue() ?? default,
            Limits = Limits(map),
            SessionAttributes = attributes,
            InformationFlow = InformationFlowBinder.Bind(map, _bag) is { } flow ? [flow] : [],
            Extends = map.Texts("extends") ?? [],
            ExtendsPosition = map.Find("extends")?.Position ?? default,
            Rules = ReadRules(map, _bag, _rules, agentOs: false),
        };
        return _bag.HasErrors ? null : document;
    }

    private bool IsCurrent(MapReader map)
    {
        if (map.Find("agent_control_specification_version") is { } acs)
        {
            _bag.Error("AGTP021", acs.Position, "/agent_control_specification_version", "This is a manifest of the Agent Control Specification, which is not a policy document.", $"Put it in force by AddAcs; a policy document has apiVersion: {CurrentVersion}.");
            return false;
        }

        if (map.Find("apiVersion") is not { } version)
        {
            if (map.FindNear("apiVersion") is { } near)
            {
                _bag.Error("AGTP022", near.Position, map.PointerTo(near.Name), $"apiVersion is missing, and there is {YamlDocumentReader.Shown(near.Name)}.", "Did you mean 'apiVersion'?");
                return false;
            }

            _bag.Error("AGTP022", map.Position, string.Empty, "This is no policy: apiVersion is missing, and there are neither rules nor defaults.", $"Begin the document with apiVersion: {CurrentVersion}.");
            return false;
        }

        if (version.Text == CurrentVersion)
        {
            return true;
        }

        if (version.Text == "1.0" || version.Scalar.NumberText() == "1.0")
        {
            _bag.Warn("AGTP029", version.Position, "/apiVersion", "apiVersion 1.0 is deprecated; the document is read as " + CurrentVersion + ".", $"Write apiVersion: {CurrentVersion}; 'agt policy migrate' does it.");
            return true;
        }

        string written = version.Text is { } text ? YamlDocumentReader.Shown(text) : version.KindName;
        _bag.Error("AGTP023", version.Position, "/apiVersion", $"apiVersion is {written}, which is not supported.", $"Supported: {CurrentVersion}.");
        return false;
    }

    /// <summary>A map without <c>apiVersion</c> that has rules or defaults, or nothing that such a document does not have. A misspelt <c>apiVersion</c> is none.</summary>
    private bool IsAgentOs(MapReader map) =>
        map.FindNear("apiVersion") is null && (map.Find("rules") is not null || map.Find("defaults") is not null || _bag.IsLenient || !AgentOsBinder.HasUnknown(map));

    private void NotEnforcedHere(MapReader map, string name)
    {
        if (map.Find(name) is { } node)
        {
            _bag.Warn("AGTP025", node.Position, "/" + name, $"{name} is read but not enforced by the policy module.", "Write a rule for what it should do, or let the module it is for enforce it.");
        }
    }

    private string[] Agents(MapReader map)
    {
        string? agent = map.Text("agent");
        string[]? agents = map.Texts("agents");
        if (agent is null && agents is null or [])
        {
            _bag.Warn("AGTP026", map.Position, string.Empty, "Neither agent nor agents names one, so the policy applies to every agent.", "Write agents: ['*'] if that is meant.");
        }

        return agent is null ? agents ?? [] : [agent, .. agents ?? []];
    }

    /// <summary>An empty list could be meant as no tool and read as every tool, so it is neither.</summary>
    private string[]? ToolAllowlist(MapReader map)
    {
        string[]? tools = map.Texts("tool_allowlist");
        if (map.Find("tool_allowlist") is { } node && tools is null or [])
        {
            _bag.Error("AGTP028", node.Position, "/tool_allowlist", "tool_allowlist is empty.", "Leave it out to list no tools, or name a tool.");
        }

        return tools;
    }

    private bool DefaultAction(MapReader map)
    {
        switch (map.Text("default_action"))
        {
            case null or "deny":
                return false;
            case "allow":
                return true;
            case var other:
                _bag.Error("AGTP038", map.Find("default_action")!.Position, "/default_action", $"default_action is {YamlDocumentReader.Shown(other)}.", "Write allow or deny.");
                return false;
        }
    }

    private PolicyScope Scope(MapReader map)
    {
        PolicyScope? scope = map.Text("scope") switch
        {
            null or "global" => PolicyScope.Global,
            "tenant" => PolicyScope.Tenant,
            "organization" => PolicyScope.Organization,
            "agent" => PolicyScope.Agent,
            _ => null,
        };
        if (scope is null)
        {
            _bag.Error("AGTP038", map.Find("scope")!.Position, "/scope", $"scope is {YamlDocumentReader.Shown(map.Text("scope")!)}.", "Write global, tenant, organization or agent.");
        }

        return scope ?? PolicyScope.Global;
    }

    private SessionLimits? Limits(MapReader map)
    {
        if (map.Find("limits") is not { } node)
        {
            return null;
        }

        if (node.Members is null)
        {
            map.WrongType("limits", node, "a map");
            return null;
        }

        var limits = new MapReader(node, "/limits", _bag);
        limits.RefuseUnknown(LimitFields, "limits");
        return new SessionLimits
        {
            MaxToolCalls = (int?)limits.Integer("max_tool_calls", 0, int.MaxValue),
            MaxModelCalls = (int?)limits.Integer("max_model_calls", 0, int.MaxValue),
            MaxTokens = limits.Integer("max_tokens", 1, long.MaxValue),
            Duration = limits.Integer("timeout_seconds", 1, 31_536_000) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }

    internal static PolicyRule[] ReadRules(MapReader map, DiagnosticBag bag, RuleBinder binder, bool agentOs)
    {
        if (map.Find("rules") is not { } node || node.Scalar.Kind == ValueKind.Null)
        {
            return [];
        }

        if (node.Items is null)
        {
            map.WrongType("rules", node, "a list");
            return [];
        }

        var rules = new List<PolicyRule>(node.Items.Count);
        var names = new Dictionary<string, SourcePosition>(node.Items.Count, StringComparer.Ordinal);
        for (int i = 0; i < node.Items.Count; i++)
        {
            if (binder.Bind(node.Items[i], $"/rules/{i}", agentOs) is not { } rule)
            {
                continue;
            }

            if (!names.TryAdd(rule.Name, rule.Position))
            {
                bag.Error("AGTP039", rule.Position, $"/rules/{i}/name", $"The rule {YamlDocumentReader.Shown(rule.Name)} is defined twice; first in line {names[rule.Name].Line}.", "Give each rule a name of its own.");
                continue;
            }

            rules.Add(rule);
        }

        return [.. rules];
    }
}
