using System.Text.Json;

namespace Agt.Audit.Records;

/// <summary>What a record says of itself at its top level: enough to find it and to count it. A record that cannot be read has no members.</summary>
internal readonly record struct RecordHead
{
    internal string? Kind { get; private init; }

    internal string? EventType { get; private init; }

    internal string? RecordId { get; private init; }

    internal string? DecisionRef { get; private init; }

    internal string? Decision { get; private init; }

    internal string? Action { get; private init; }

    internal string? Agent { get; private init; }

    internal string? SessionId { get; private init; }

    internal string? TraceId { get; private init; }

    internal string? Rule { get; private init; }

    internal string? PolicyVersion { get; private init; }

    internal string? Outcome { get; private init; }

    internal string? OccurredAt { get; private init; }

    internal string? EmitterId { get; private init; }

    internal long EmitterSequence { get; private init; }

    internal string? DecisionId { get; private init; }

    internal string? ReasonCode { get; private init; }

    internal int Version { get; private init; }

    internal static RecordHead Read(ReadOnlySpan<byte> leaf)
    {
        var head = default(RecordHead);
        try
        {
            var reader = new Utf8JsonReader(leaf, new JsonReaderOptions { MaxDepth = 32 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return default;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                head = ReadMember(head, ref reader);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return default;
        }

        return head;
    }

    private static RecordHead ReadMember(RecordHead head, ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("attributes"u8))
        {
            reader.Read();
            return ReadAttributes(head, ref reader);
        }

        string name = reader.GetString()!;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return name switch
            {
                "emitter_seq" => head with { EmitterSequence = reader.GetInt64() },
                "v" => head with { Version = reader.GetInt32() },
                _ => head,
            };
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return head;
        }

        return name switch
        {
            "kind" => head with { Kind = reader.GetString() },
            "event_type" => head with { EventType = reader.GetString() },
            "record_id" => head with { RecordId = reader.GetString() },
            "decision_ref" => head with { DecisionRef = reader.GetString() },
            "decision" => head with { Decision = reader.GetString() },
            "action" => head with { Action = reader.GetString() },
            "agent_did" or "agent_id" => head with { Agent = reader.GetString() },
            "session_id" => head with { SessionId = reader.GetString() },
            "trace_id" => head with { TraceId = reader.GetString() },
            "matched_rule" => head with { Rule = reader.GetString() },
            "policy_version" => head with { PolicyVersion = reader.GetString() },
            "outcome" => head with { Outcome = reader.GetString() },
            "occurred_at" => head with { OccurredAt = reader.GetString() },
            "emitter_id" => head with { EmitterId = reader.GetString() },
            "reason_code" => head with { ReasonCode = reader.GetString() },
            _ => head,
        };
    }

    private static RecordHead ReadAttributes(RecordHead head, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return head;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isId = reader.ValueTextEquals("agt.decision_id"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
            {
                head = head with { DecisionId = reader.GetString() };
            }
            else
            {
                reader.Skip();
            }
        }

        return head;
    }
}
