using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agt.Events;

/// <summary>Forms of events that other systems read (spec 01, POL-X31).</summary>
public static class EventFormats
{
    /// <summary>CloudEvents 1.0 in JSON (structured mode): type <c>agt.governance.KIND</c>, subject the tool, the event itself as data.</summary>
    /// <param name="envelope">The event.</param>
    /// <param name="source">The <c>source</c> attribute: a URI reference that names the host.</param>
    public static string ToCloudEvent(EventEnvelope envelope, string source)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        return Write(writer =>
        {
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", envelope.EventId);
            writer.WriteString("source", source);
            writer.WriteString("type", "agt.governance." + envelope.Kind);
            writer.WriteString("time", Rfc3339(envelope.OccurredAt));
            if (!string.IsNullOrEmpty(envelope.Resource))
            {
                writer.WriteString("subject", envelope.Resource);
            }

            if (envelope is { TraceId: { } trace, SpanId: { } span })
            {
                writer.WriteString("traceparent", $"00-{trace}-{span}-01");
            }

            writer.WriteString("datacontenttype", "application/json");
            writer.WritePropertyName("data");
            envelope.WriteTo(writer);
        });
    }

    /// <summary>
    /// An entry as Open Policy Agent writes them to its decision log: <c>decision_id</c>, <c>path</c>, <c>input</c>, <c>result</c>, <c>labels</c>, <c>timestamp</c>. The input holds
    /// who and what; the arguments are named in <c>erased</c>, as OPA does with what its mask takes out.
    /// </summary>
    public static string ToOpaDecision(EventEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return Write(writer =>
        {
            writer.WriteString("decision_id", envelope.EventId);
            writer.WriteString("timestamp", Rfc3339(envelope.OccurredAt));
            writer.WriteString("path", "agt/" + envelope.Action);
            writer.WriteStartObject("labels");
            writer.WriteString("agent_id", envelope.AgentId);
            writer.WriteString("kind", envelope.Kind);
            writer.WriteEndObject();
            writer.WriteStartObject("input");
            writer.WriteString("agent_id", envelope.AgentId);
            writer.WriteString("action", envelope.Action);
            writer.WriteString("tool_name", envelope.Resource);
            writer.WriteString("session", envelope.SessionId);
            writer.WriteEndObject();
            writer.WriteStartArray("erased");
            writer.WriteStringValue("/input/args");
            writer.WriteEndArray();
            writer.WriteStartObject("result");
            writer.WriteBoolean("allow", envelope.Decision is "allow" or "warn");
            writer.WriteString("decision", envelope.Decision);
            writer.WriteString("reason", envelope.Reason);
            writer.WriteEndObject();
            writer.WriteStartObject("metrics");
            if (envelope.LatencyMs is { } latency)
            {
                writer.WriteNumber("timer_server_handler_ns", (long)(latency * 1_000_000));
            }

            writer.WriteEndObject();
        });
    }

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static string Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream(768);
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
