using System.Text.Json;

namespace Agt.Audit.Records;

/// <summary>What a record says of itself at its top level: enough to find it and to count it. A record that cannot be read has no members.</summary>
internal struct RecordHead
{
    internal string? Kind;
    internal string? EventType;
    internal string? RecordId;
    internal string? DecisionRef;
    internal string? Decision;
    internal string? Action;
    internal string? Agent;
    internal string? SessionId;
    internal string? TraceId;
    internal string? Rule;
    internal string? PolicyVersion;
    internal string? Outcome;
    internal string? EmitterId;
    internal long EmitterSequence;
    internal string? DecisionId;
    internal string? IdempotencyKey;
    internal string? ReasonCode;
    internal DateTimeOffset? OccurredAt;
    internal int Version;

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
                ReadMember(ref head, ref reader);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return default;
        }

        return head;
    }

    /// <summary>Whose the sealed arguments of a decision are: the user's, or the agent's where no user is known.</summary>
    internal static string? SubjectOf(ReadOnlySpan<byte> leaf, in RecordHead head)
    {
        if (leaf.IndexOf("\"agt.user\":"u8) < 0)
        {
            return head.Agent;
        }

        using var document = JsonDocument.Parse(leaf.ToArray(), new JsonDocumentOptions { MaxDepth = 128 });
        return document.RootElement.TryGetProperty("attributes", out JsonElement attributes) && attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty("agt.user", out JsonElement user)
            ? user.GetString()
            : head.Agent;
    }

    private static void ReadMember(ref RecordHead head, ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> name = reader.ValueSpan;
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                ReadText(ref head, name, ref reader);
                break;
            case JsonTokenType.Number when name.SequenceEqual("emitter_seq"u8):
                head.EmitterSequence = reader.GetInt64();
                break;
            case JsonTokenType.Number when name.SequenceEqual("v"u8):
                head.Version = reader.GetInt32();
                break;
            case JsonTokenType.StartObject when name.SequenceEqual("attributes"u8):
                ReadAttributes(ref head, ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static void ReadText(ref RecordHead head, ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        if (name.SequenceEqual("occurred_at"u8))
        {
            head.OccurredAt = reader.TryGetDateTimeOffset(out DateTimeOffset at) ? at : null;
        }
        else if (name.SequenceEqual("kind"u8))
        {
            head.Kind = Known(ref reader, "decision"u8, "decision") ?? Known(ref reader, "outcome"u8, "outcome") ?? reader.GetString();
        }
        else if (name.SequenceEqual("decision"u8))
        {
            head.Decision = Known(ref reader, "allow"u8, "allow") ?? Known(ref reader, "deny"u8, "deny") ?? reader.GetString();
        }
        else if (Slot(ref head, name) is { IsEmpty: false } slot)
        {
            slot[0] = reader.GetString();
        }
    }

    private static string? Known(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string text) => reader.ValueTextEquals(utf8) ? text : null;

    private static Span<string?> Slot(ref RecordHead head, ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("action"u8))
        {
            return new(ref head.Action);
        }

        if (name.SequenceEqual("agent_did"u8) || name.SequenceEqual("agent_id"u8))
        {
            return new(ref head.Agent);
        }

        if (name.SequenceEqual("decision_ref"u8))
        {
            return new(ref head.DecisionRef);
        }

        if (name.SequenceEqual("emitter_id"u8))
        {
            return new(ref head.EmitterId);
        }

        if (name.SequenceEqual("event_type"u8))
        {
            return new(ref head.EventType);
        }

        if (name.SequenceEqual("matched_rule"u8))
        {
            return new(ref head.Rule);
        }

        if (name.SequenceEqual("outcome"u8))
        {
            return new(ref head.Outcome);
        }

        if (name.SequenceEqual("policy_version"u8))
        {
            return new(ref head.PolicyVersion);
        }

        if (name.SequenceEqual("reason_code"u8))
        {
            return new(ref head.ReasonCode);
        }

        if (name.SequenceEqual("record_id"u8))
        {
            return new(ref head.RecordId);
        }

        if (name.SequenceEqual("session_id"u8))
        {
            return new(ref head.SessionId);
        }

        return name.SequenceEqual("trace_id"u8) ? new(ref head.TraceId) : default;
    }

    private static void ReadAttributes(ref RecordHead head, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isId = reader.ValueTextEquals("agt.decision_id"u8);
            bool isKey = reader.ValueTextEquals("agt.idempotency_key"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
            {
                head.DecisionId = reader.GetString();
            }
            else if (isKey && reader.TokenType == JsonTokenType.String)
            {
                head.IdempotencyKey = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
