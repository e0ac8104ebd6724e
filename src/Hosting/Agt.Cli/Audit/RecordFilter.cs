using Agt.Audit.Stores;
using System.Text.Json;

namespace Agt.Cli.Audit;

/// <summary>Which records the user wants; everything that is given must hold.</summary>
internal sealed record RecordFilter
{
    private const int Step = 4_096;

    internal string? Id { get; init; }

    internal string? Agent { get; init; }

    internal string? Kind { get; init; }

    internal string? Decision { get; init; }

    internal string? Rule { get; init; }

    internal string? Session { get; init; }

    internal string? Trace { get; init; }

    internal string? Action { get; init; }

    internal DateTimeOffset? From { get; init; }

    internal DateTimeOffset? To { get; init; }

    /// <summary>The records that match, latest first, below an index.</summary>
    internal IEnumerable<(long Index, ReadOnlyMemory<byte> Leaf)> Latest(IAuditStore store, long below)
    {
        for (long end = below; end > store.First; end -= Step)
        {
            long first = Math.Max(store.First, end - Step);
            ReadOnlyMemory<byte>[] step = [.. store.ReadLeaves(first, end - first)];
            for (int i = step.Length - 1; i >= 0; i--)
            {
                if (Matches(step[i]))
                {
                    yield return (first + i, step[i]);
                }
            }
        }
    }

    internal bool Matches(ReadOnlyMemory<byte> leaf)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf);
            JsonElement record = document.RootElement;
            return Has(record, Kind, "kind") && Has(record, Decision, "decision") && Has(record, Rule, "matched_rule") && Has(record, Session, "session_id") && Has(record, Trace, "trace_id") &&
                Has(record, Action, "action") && (Agent is null || Has(record, Agent, "agent_id") || Has(record, Agent, "agent_did")) &&
                (Id is null || Has(record, Id, "record_id") || IsOfDecision(record, Id)) && IsInTime(record);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Has(JsonElement record, string? wanted, string name) =>
        wanted is null || (record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(wanted));

    private static bool IsOfDecision(JsonElement record, string id) =>
        Has(record, "decision", "kind") && record.TryGetProperty("attributes", out JsonElement attributes) && Has(attributes, id, "agt.decision_id");

    private bool IsInTime(JsonElement record)
    {
        if (From is null && To is null)
        {
            return true;
        }

        return record.TryGetProperty("occurred_at", out JsonElement value) && value.TryGetDateTimeOffset(out DateTimeOffset at) && (From is null || at >= From) && (To is null || at <= To);
    }
}
