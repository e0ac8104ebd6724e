using System.Text.Json;
using Agt.Values;

namespace Agt.Approvals;

/// <summary>What is written to and read from who approves: <c>agt.approval/1</c>, described in docs/approvals.md.</summary>
internal static class WebhookMessage
{
    /// <summary>The first message: everything a person must see.</summary>
    internal static byte[] Ask(ApprovalRequest request) => Write(writer =>
    {
        writer.WriteString("type", "approval.requested");
        WriteNames(writer, request);
        writer.WriteString("agent", request.Principal.Agent.Value);
        writer.WriteString("user", request.Principal.User);
        writer.WriteString("tenant", request.Principal.Tenant);
        writer.WriteString("session", request.Session.Value);
        writer.WriteString("operation", request.Operation);
        writer.WriteString("tool", request.Tool?.Name);
        writer.WritePropertyName("arguments");
        writer.WriteRawValue(CanonicalJson.ToString(request.Payload.IsAbsent ? GovernedValue.Null : request.Payload));
        writer.WriteStartArray("asked_by");
        foreach (Contribution escalation in request.Escalations)
        {
            VerdictDetail? detail = escalation.Verdict.Detail;
            writer.WriteStartObject();
            writer.WriteString("interceptor", escalation.Interceptor);
            writer.WriteString("policy", detail?.Policy);
            writer.WriteString("rule", detail?.Rule);
            writer.WriteString("explanation", detail?.Explanation);
            writer.WriteStartArray("approvers");
            foreach (string approver in detail?.Approvers ?? [])
            {
                writer.WriteStringValue(approver);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("action_digest", request.ActionDigest.ToString());
        writer.WriteString("policy_set", request.PolicySetDigest.IsEmpty ? null : request.PolicySetDigest.ToString());
    });

    /// <summary>The messages after it: whether there is an answer.</summary>
    internal static byte[] Poll(ApprovalRequest request) => Write(writer =>
    {
        writer.WriteString("type", "approval.status");
        WriteNames(writer, request);
    });

    /// <summary>The last message when nobody waits any more.</summary>
    internal static byte[] Withdraw(ApprovalRequest request) => Write(writer =>
    {
        writer.WriteString("type", "approval.withdrawn");
        WriteNames(writer, request);
    });

    /// <summary>Reads an answer.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static ApprovalResponse Read(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 4 });
            JsonElement root = document.RootElement;
            string? decision = root.ValueKind == JsonValueKind.Object ? Text(root, "decision") : null;
            if (decision is not ("approve" or "deny") || Text(root, "ticket") is not { } ticket || Text(root, "approver") is not { Length: > 0 and <= 256 } approver)
            {
                throw new FormatException("An answer is {\"decision\": \"approve\" or \"deny\", \"ticket\": ..., \"approver\": ...}.");
            }

            string? comment = Text(root, "comment");
            return new ApprovalResponse(decision == "approve", ticket, approver, comment is { Length: > 1_000 } ? comment[..1_000] : comment);
        }
        catch (JsonException exception)
        {
            throw new FormatException("The answer is no JSON.", exception);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void WriteNames(Utf8JsonWriter writer, ApprovalRequest request)
    {
        writer.WriteString("id", request.Id);
        writer.WriteString("ticket", request.Ticket);
        writer.WriteString("expires_at", request.ExpiresAt.UtcDateTime);
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.approval/1");
            members(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
