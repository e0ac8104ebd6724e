using System.Collections.Frozen;
using Agt.Policy;
using Agt.Values;

namespace Agt.Cli;

/// <summary>Reads actions in the form <c>agt.action/1</c>. Remembers templates, so that a long batch of few kinds compiles each kind once. Not thread-safe.</summary>
internal sealed class ActionReader
{
    internal const string Schema = "agt.action/1";

    private const int MostTemplates = 4096;

    private static readonly string[] Fields =
    [
        "schema", "id", "point", "stage", "operation", "framework", "agent", "user", "tenant", "tool", "args", "payload", "messages", "input", "output",
        "session", "facets", "timestamp", "verified", "trust_score",
    ];

    private static readonly string[] PayloadFields = ["args", "payload", "messages", "input"];
    private static readonly string[] ToolFields = ["name", "source", "content_hash", "effects"];
    private static readonly string[] SessionFields = ["id", "labels", "counters"];
    private static readonly string[] CounterFields = ["tool_calls", "model_calls", "tokens"];

    private static readonly FrozenDictionary<string, InterventionPoint> Points = new Dictionary<string, InterventionPoint>(StringComparer.Ordinal)
    {
        ["agent_startup"] = InterventionPoint.AgentStartup, ["startup"] = InterventionPoint.AgentStartup,
        ["input"] = InterventionPoint.Input, ["pre_input"] = InterventionPoint.Input,
        ["pre_model_call"] = InterventionPoint.PreModelCall, ["pre_model"] = InterventionPoint.PreModelCall,
        ["post_model_call"] = InterventionPoint.PostModelCall, ["post_model"] = InterventionPoint.PostModelCall,
        ["pre_tool_call"] = InterventionPoint.PreToolCall, ["pre_tool"] = InterventionPoint.PreToolCall,
        ["post_tool_call"] = InterventionPoint.PostToolCall, ["post_tool"] = InterventionPoint.PostToolCall,
        ["output"] = InterventionPoint.Output, ["pre_output"] = InterventionPoint.Output,
        ["agent_shutdown"] = InterventionPoint.AgentShutdown, ["shutdown"] = InterventionPoint.AgentShutdown,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Dictionary<TemplateKey, ActionTemplate> _templates = [];

    /// <summary>Reads one action.</summary>
    /// <exception cref="ActionFormatException">It is not one.</exception>
    internal ActionInput Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return Read(GovernedValue.FromJson(json));
        }
        catch (PayloadException exception)
        {
            throw new ActionFormatException(exception.Message);
        }
    }

    /// <summary>Reads one action from a value.</summary>
    /// <exception cref="ActionFormatException">It is not one.</exception>
    internal ActionInput Read(GovernedValue value)
    {
        var fields = new FieldReader(value, string.Empty, Fields);
        if (fields.Text("schema") is { } schema && schema != Schema)
        {
            throw new ActionFormatException($"'schema' is '{CliHost.Clean(schema)}'; this program reads {Schema}.");
        }

        InterventionPoint point = Point(fields);
        bool isResult = !point.BeginsAction();
        string payload = Payload(fields, point);
        if (fields.Has("output") && !isResult)
        {
            throw new ActionFormatException($"'output' is given at {point.WireName()}, where there is none yet. Set 'point' to the point of the result, or remove it.");
        }

        GovernedValue facets = fields.Value("facets");
        if (!facets.IsAbsentOrNull && facets.Kind != ValueKind.Map)
        {
            throw new ActionFormatException("'facets' must be an object.");
        }

        return new ActionInput
        {
            Template = Template(fields, point),
            Point = point,
            Id = fields.Text("id"),
            Payload = fields.Value(payload),
            Output = fields.Value("output"),
            Facets = facets.IsAbsentOrNull ? default : facets,
            Session = Session(fields.Value("session")),
            Timestamp = fields.Time("timestamp"),
            IsPrincipalVerified = fields.Flag("verified"),
            TrustScore = (int?)fields.Number("trust_score", 0, 1000),
        };
    }

    private static InterventionPoint Point(FieldReader fields)
    {
        if (fields.Has("point") && fields.Has("stage"))
        {
            throw new ActionFormatException("'point' and 'stage' mean the same; give one.");
        }

        string name = fields.Text("point") ?? fields.Text("stage") ?? "pre_tool_call";
        return Points.TryGetValue(name, out InterventionPoint point)
            ? point
            : throw new ActionFormatException($"'{CliHost.Clean(name)}' is no point. Points: {string.Join(", ", Enum.GetValues<InterventionPoint>().Select(p => p.WireName()))}.");
    }

    private static string Payload(FieldReader fields, InterventionPoint point)
    {
        string[] given = [.. PayloadFields.Where(fields.Has)];
        string name = given.Length switch
        {
            0 => "payload",
            1 => given[0],
            _ => throw new ActionFormatException($"'{given[0]}' and '{given[1]}' are two names of what is decided on; give one."),
        };
        InterventionPoint begin = Begin(point);
        string? only = name switch
        {
            "args" when begin != InterventionPoint.PreToolCall => "tool calls",
            "messages" when begin != InterventionPoint.PreModelCall => "model calls",
            "input" when begin != InterventionPoint.Input => "input",
            _ => null,
        };
        return only is null ? name : throw new ActionFormatException($"'{name}' belongs to {only}, not to {point.WireName()}; write 'payload', or set 'point'.");
    }

    private static PolicySessionFacts? Session(GovernedValue value)
    {
        if (value.IsAbsentOrNull)
        {
            return null;
        }

        var session = new FieldReader(value, "session", SessionFields);
        GovernedValue counters = session.Value("counters");
        FieldReader? counts = counters.IsAbsentOrNull ? null : new FieldReader(counters, "session.counters", CounterFields);
        return new PolicySessionFacts
        {
            Id = session.Text("id"),
            Labels = session.Texts("labels").ToFrozenSet(StringComparer.Ordinal),
            ToolCalls = (int)(counts?.Number("tool_calls", 0, int.MaxValue) ?? 0),
            ModelCalls = (int)(counts?.Number("model_calls", 0, int.MaxValue) ?? 0),
            Tokens = counts?.Number("tokens", 0, long.MaxValue) ?? 0,
        };
    }

    private ActionTemplate Template(FieldReader fields, InterventionPoint point)
    {
        InterventionPoint begin = Begin(point);
        string? name = null, source = null, hash = null;
        ToolEffects effects = ToolEffects.None;
        GovernedValue tool = fields.Value("tool");
        if (tool.Kind == ValueKind.String)
        {
            name = fields.Text("tool");
        }
        else if (!tool.IsAbsentOrNull)
        {
            var read = new FieldReader(tool, "tool", ToolFields);
            name = read.Text("name") ?? throw new ActionFormatException("'tool.name' is missing.");
            source = read.Text("source");
            hash = read.Text("content_hash");
            effects = read.Texts("effects").Aggregate(ToolEffects.None, (all, text) => all | Effect(text));
        }

        if (name is null && begin == InterventionPoint.PreToolCall)
        {
            throw new ActionFormatException($"'tool' is missing; {point.WireName()} needs one, as a name or as an object with 'name'.");
        }

        var key = new TemplateKey(
            begin, fields.Text("operation"), fields.Text("framework"), fields.Text("agent"), fields.Text("user"), fields.Text("tenant"), name, source, hash, effects);
        if (_templates.TryGetValue(key, out ActionTemplate? template))
        {
            return template;
        }

        if (_templates.Count == MostTemplates)
        {
            _templates.Clear();
        }

        return _templates[key] = Make(key);
    }

    private static ActionTemplate Make(TemplateKey key)
    {
        AgentId agent = AgentId.Anonymous;
        if (key.Agent is not null && !AgentId.TryParse(key.Agent, out agent!))
        {
            throw new ActionFormatException("'agent' must consist of letters, digits, '_' and '-', or be a DID; at most 256 characters.");
        }

        Digest hash = default;
        if (key.Hash is not null && !Digest.TryParse(key.Hash, out hash))
        {
            throw new ActionFormatException("'tool.content_hash' must be a SHA-256 digest, as 'sha256:' and 64 hexadecimal digits.");
        }

        try
        {
            ToolIdentity? tool = key.Tool is null ? null : new ToolIdentity(key.Tool, key.Source, hash, key.Effects);
            return new ActionTemplate(key.Point, key.Operation ?? Operation(key.Point), new Principal(agent, key.User, key.Tenant), tool, key.Framework ?? "none");
        }
        catch (ArgumentException exception)
        {
            throw new ActionFormatException(exception.Message);
        }
    }

    private static InterventionPoint Begin(InterventionPoint point) => point switch
    {
        InterventionPoint.AgentShutdown => InterventionPoint.AgentStartup,
        InterventionPoint.Output => InterventionPoint.Input,
        InterventionPoint.PostModelCall => InterventionPoint.PreModelCall,
        InterventionPoint.PostToolCall => InterventionPoint.PreToolCall,
        _ => point,
    };

    private static string Operation(InterventionPoint point) => point switch
    {
        InterventionPoint.PreToolCall => "execute_tool",
        InterventionPoint.PreModelCall => "chat",
        InterventionPoint.AgentStartup => "create_agent",
        _ => "invoke_agent",
    };

    private static ToolEffects Effect(string text) => text switch
    {
        "reads" => ToolEffects.Reads,
        "ingests" => ToolEffects.Ingests,
        "egress" => ToolEffects.Egress,
        "writes" => ToolEffects.Writes,
        "irreversible" => ToolEffects.Irreversible,
        _ => throw new ActionFormatException($"'{CliHost.Clean(text)}' in 'tool.effects' is not known. Known: reads, ingests, egress, writes, irreversible."),
    };

    private readonly record struct TemplateKey(
        InterventionPoint Point, string? Operation, string? Framework, string? Agent, string? User, string? Tenant, string? Tool, string? Source, string? Hash, ToolEffects Effects);
}
