using System.Buffers;
using Agt.Values;

namespace Agt.Approvals;

/// <summary>
/// The digest that names one concrete action: SHA-256 over the canonical JSON of version, agent, session, operation, tool, tool hash and arguments (ADP 5.1).
/// </summary>
public static class ActionDigest
{
    /// <summary>Computes the digest.</summary>
    /// <param name="template">Agent, operation and tool.</param>
    /// <param name="session">The session.</param>
    /// <param name="arguments">The arguments as they will run.</param>
    public static Digest Compute(ActionTemplate template, SessionId session, GovernedValue arguments)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(session);
        var output = new ArrayBufferWriter<byte>(512);
        output.Write("{\"agent\":"u8);
        CanonicalJson.WriteString(output, template.Principal.Agent.Value);
        output.Write(",\"args\":"u8);
        CanonicalJson.Write(output, arguments.IsAbsent ? GovernedValue.Null : arguments);
        output.Write(",\"op\":"u8);
        CanonicalJson.WriteString(output, ActionType(template));
        output.Write(",\"session\":"u8);
        CanonicalJson.WriteString(output, session.Value);
        output.Write(",\"tool\":"u8);
        WriteOptional(output, template.Tool?.Name);
        output.Write(",\"tool_hash\":"u8);
        WriteOptional(output, template.Tool is { ContentHash.IsEmpty: false } tool ? tool.ContentHash.ToString() : null);
        output.Write(",\"v\":1}"u8);
        return Digest.Of(output.WrittenSpan);
    }

    /// <summary>The kind of action in digests: <c>tool_call</c>, <c>model_call</c>, <c>input</c>, <c>agent_startup</c>.</summary>
    internal static string ActionType(ActionTemplate template) => template.Point switch
    {
        InterventionPoint.PreToolCall => "tool_call",
        InterventionPoint.PreModelCall => "model_call",
        _ => template.Point.WireName(),
    };

    private static void WriteOptional(ArrayBufferWriter<byte> output, string? text)
    {
        if (text is null)
        {
            output.Write("null"u8);
        }
        else
        {
            CanonicalJson.WriteString(output, text);
        }
    }
}
