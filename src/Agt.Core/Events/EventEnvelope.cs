using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agt.Events;

/// <summary>
/// One event as it leaves the process (spec 01, section 4.5, POL-303). It names agents, tools, rules and digests, never arguments, prompts or results. Immutable.
/// </summary>
public sealed record EventEnvelope
{
    /// <summary>The version of the form.</summary>
    public const string SchemaVersion = "1";

    /// <summary>Names the event; a receiver that sees it twice keeps one.</summary>
    public required Guid EventId { get; init; }

    /// <summary>When (UTC).</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>What, such as <c>policy_violation</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    public string Severity { get; init; } = "info";

    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>Its decentralized identifier (W3C DID), if that is what it is called by.</summary>
    public string? AgentDid { get; init; }

    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>What was to be done, such as <c>execute_tool</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The tool.</summary>
    public string? Resource { get; init; }

    /// <summary><c>allow</c>, <c>warn</c>, <c>escalate</c> or <c>deny</c>; <c>pending</c> before there is a decision.</summary>
    public required string Decision { get; init; }

    /// <summary>The reason code.</summary>
    public required string Reason { get; init; }

    /// <summary>The policy that decided.</summary>
    public string? PolicyName { get; init; }

    /// <summary>How long the decision took, in milliseconds.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>The trace it belongs to (W3C Trace Context).</summary>
    public string? TraceId { get; init; }

    /// <summary>The span it belongs to.</summary>
    public string? SpanId { get; init; }

    /// <summary>The span above.</summary>
    public string? ParentSpanId { get; init; }

    /// <summary>More facts: rule, digests, the shape of the arguments.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it may never be lost: a denial, a violation, or something about an approval.</summary>
    public bool IsPriority => Decision is "deny" or "escalate" || Kind is "policy_violation" or "tool_call_blocked" or "bypass_detected" || Kind.StartsWith("approval_", StringComparison.Ordinal);

    /// <summary>One line of JSON; what is not known is left out.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream(512);
        using (var writer = new Utf8JsonWriter(stream))
        {
            WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Writes the event as a JSON object.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("schema_version", SchemaVersion);
        writer.WriteString("event_id", EventId);
        writer.WriteString("occurred_at", OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        writer.WriteString("kind", Kind);
        writer.WriteString("severity", Severity);
        writer.WriteString("agent_id", AgentId);
        Optional("agent_did", AgentDid);
        Optional("session_id", SessionId);
        writer.WriteString("action", Action);
        Optional("resource", Resource);
        writer.WriteString("decision", Decision);
        writer.WriteString("reason", Reason);
        Optional("policy_name", PolicyName);
        if (LatencyMs is { } latency)
        {
            writer.WriteNumber("latency_ms", latency);
        }

        Optional("trace_id", TraceId);
        Optional("span_id", SpanId);
        Optional("parent_span_id", ParentSpanId);
        writer.WriteStartObject("attributes");
        foreach (KeyValuePair<string, string> attribute in Attributes)
        {
            writer.WriteString(attribute.Key, attribute.Value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();

        void Optional(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }

    /// <summary>Reads an event. Members it does not know are passed over.</summary>
    /// <exception cref="FormatException">It is no event, or of another version.</exception>
    public static EventEnvelope Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            JsonObject map = JsonNode.Parse(json)?.AsObject() ?? throw new FormatException("An event is a JSON object.");
            if (Text("schema_version") != SchemaVersion)
            {
                throw new FormatException($"Only events of schema_version {SchemaVersion} can be read.");
            }

            return new EventEnvelope
            {
                EventId = Guid.Parse(Required("event_id")),
                OccurredAt = DateTimeOffset.Parse(Required("occurred_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                Kind = Required("kind"),
                Severity = Text("severity") ?? "info",
                AgentId = Required("agent_id"),
                AgentDid = Text("agent_did"),
                SessionId = Text("session_id"),
                Action = Required("action"),
                Resource = Text("resource"),
                Decision = Required("decision"),
                Reason = Required("reason"),
                PolicyName = Text("policy_name"),
                LatencyMs = map["latency_ms"]?.GetValue<double>(),
                TraceId = Text("trace_id"),
                SpanId = Text("span_id"),
                ParentSpanId = Text("parent_span_id"),
                Attributes = map["attributes"]?.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value?.GetValue<string>() ?? string.Empty, StringComparer.Ordinal) ?? [],
            };

            string? Text(string name) => map[name]?.GetValue<string>();
            string Required(string name) => Text(name) ?? throw new FormatException($"The event has no {name}.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("That is no governance event.", exception);
        }
    }
}
