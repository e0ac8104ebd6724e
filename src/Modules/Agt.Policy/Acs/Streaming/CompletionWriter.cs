using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Writes a completion as a stream of one event.</summary>
internal static class CompletionWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    internal static string[] Passed { get; } = ["id", "created", "model"];

    internal static byte[] Write(GovernedValue response, GovernedValue template)
    {
        GovernedValue choices = Member(response, "choices");
        GovernedValue message = Member(choices.Count == 1 ? choices[0] : default, "message");
        if (message.Kind != ValueKind.Map)
        {
            throw new ArgumentException("The response is no completion with one choice.", nameof(response));
        }

        var output = new ArrayBufferWriter<byte>();
        output.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(output, Options))
        {
            WriteEvent(writer, choices[0], message, template);
        }

        output.Write("\n\ndata: [DONE]\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void WriteEvent(Utf8JsonWriter writer, GovernedValue choice, GovernedValue message, GovernedValue template)
    {
        writer.WriteStartObject();
        foreach (string name in Passed)
        {
            if (template.TryGetMember(name, out GovernedValue value))
            {
                WriteMember(writer, name, value);
            }
        }

        writer.WriteString("object", "chat.completion.chunk");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        WriteMember(writer, "role", Member(message, "role") is { IsAbsentOrNull: false } role ? role : GovernedValue.From("assistant"));
        if (Member(message, "content") is { IsAbsentOrNull: false } content)
        {
            WriteMember(writer, "content", content);
        }

        WriteCalls(writer, Member(message, "tool_calls"));
        writer.WriteEndObject();
        GovernedValue finish = Member(choice, "finish_reason");
        WriteMember(writer, "finish_reason", finish.IsAbsent ? GovernedValue.From("stop") : finish);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter writer, GovernedValue calls)
    {
        if (calls.Kind != ValueKind.List || calls.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tool_calls");
        for (int i = 0; i < calls.Count; i++)
        {
            writer.WriteStartObject();
            for (int m = 0; m < calls[i].Count; m++)
            {
                ValueMember member = calls[i].MemberAt(m);
                if (member.Name != "index")
                {
                    WriteMember(writer, member.Name, member.Value);
                }
            }

            writer.WriteNumber("index", i);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, GovernedValue value)
    {
        writer.WritePropertyName(name);
        WriteValue(writer, value);
    }

    private static void WriteValue(Utf8JsonWriter writer, GovernedValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Map:
                writer.WriteStartObject();
                for (int i = 0; i < value.Count; i++)
                {
                    WriteMember(writer, value.MemberAt(i).Name, value[i]);
                }

                writer.WriteEndObject();
                break;
            case ValueKind.List or ValueKind.Set:
                writer.WriteStartArray();
                for (int i = 0; i < value.Count; i++)
                {
                    WriteValue(writer, value[i]);
                }

                writer.WriteEndArray();
                break;
            case ValueKind.String:
                writer.WriteStringValue(value.AsString());
                break;
            case ValueKind.Boolean:
                value.TryGetBoolean(out bool flag);
                writer.WriteBooleanValue(flag);
                break;
            case ValueKind.Null or ValueKind.Absent:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteRawValue(value.NumberText()!);
                break;
        }
    }

    private static GovernedValue Member(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value : default;
}
