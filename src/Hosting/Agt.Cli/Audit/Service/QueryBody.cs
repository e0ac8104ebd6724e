using System.Globalization;
using System.Text.Json;
using Agt.Audit.Queries;
using Agt.Audit.Records;
using Agt.Audit.Stores;

namespace Agt.Cli.Audit.Service;

/// <summary>What is asked of the log over HTTP: an object whose members must all hold, with <c>limit</c> and <c>offset</c>, latest records first.</summary>
internal sealed record QueryBody(AuditQuery Query, int Limit, int Offset)
{
    private const int MaxOffset = 100_000;
    private const int MaxCounted = 100_000;

    /// <summary>Reads the request; nothing at all asks for everything.</summary>
    /// <exception cref="InvalidRecordException">It cannot be; the message says what would be right.</exception>
    internal static QueryBody Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            if (json.IsEmpty)
            {
                return new QueryBody(new AuditQuery(), 100, 0);
            }

            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement : throw new InvalidRecordException("A query is a JSON object.");
            var query = new AuditQuery();
            int limit = 100;
            int offset = 0;
            foreach (JsonProperty member in root.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
            {
                switch (member.Name)
                {
                    case "agent" or "agent_did" or "agent_id":
                        query = query with { Agent = Text(member) };
                        break;
                    case "kind":
                        query = query with { Kind = Text(member) };
                        break;
                    case "event_type":
                        query = query with { EventType = Text(member) };
                        break;
                    case "action":
                        query = query with { Action = Text(member) };
                        break;
                    case "decision":
                        query = query with { Decision = Text(member) };
                        break;
                    case "rule" or "matched_rule":
                        query = query with { Rule = Text(member) };
                        break;
                    case "policy" or "policy_sha256":
                        query = query with { PolicyHash = Text(member) };
                        break;
                    case "session" or "session_id":
                        query = query with { Session = Text(member) };
                        break;
                    case "trace" or "trace_id":
                        query = query with { Trace = Text(member) };
                        break;
                    case "outcome":
                        query = query with { Outcome = Text(member) };
                        break;
                    case "from" or "start_time":
                        query = query with { From = Time(member) };
                        break;
                    case "to" or "end_time":
                        query = query with { To = Time(member) };
                        break;
                    case "limit":
                        limit = Number(member, 1, AuditQuery.MaxLimit);
                        break;
                    case "offset":
                        offset = Number(member, 0, MaxOffset);
                        break;
                    default:
                        throw new InvalidRecordException(member.Name, $"A query has no member '{member.Name}': agent, kind, event_type, action, decision, rule, policy, session, trace, outcome, from, to, limit, offset.");
                }
            }

            return query.From <= query.To || query.From is null || query.To is null ? new QueryBody(query, limit, offset) : throw new InvalidRecordException("from", "'from' is behind 'to'.");
        }
        catch (JsonException exception)
        {
            throw new InvalidRecordException("A query is a JSON object without duplicate members: " + exception.Message, exception);
        }
    }

    /// <summary>Asks the log: its index where it has one, and otherwise record by record.</summary>
    internal QueryResult Run(IAuditStore store, CancellationToken cancellationToken)
    {
        var entries = new List<AuditEntry>();
        long matched = 0;
        foreach (AuditEntry entry in store is IAuditIndex index ? Indexed(index) : Scanned(store, cancellationToken))
        {
            if (matched >= Offset && entries.Count < Limit)
            {
                entries.Add(entry);
            }

            if (++matched >= MaxCounted)
            {
                break;
            }
        }

        return new QueryResult(entries, matched, matched < MaxCounted, Limit, Offset);
    }

    private IEnumerable<AuditEntry> Indexed(IAuditIndex index)
    {
        long? before = null;
        do
        {
            AuditPage page = index.Query(Query with { Limit = AuditQuery.MaxLimit, Before = before });
            foreach (AuditEntry entry in page.Entries.Reverse())
            {
                yield return entry;
            }

            before = page.Next;
        }
        while (before is not null);
    }

    private IEnumerable<AuditEntry> Scanned(IAuditStore store, CancellationToken cancellationToken)
    {
        var filter = new RecordFilter { Agent = Query.Agent, Kind = Query.Kind, Action = Query.Action, Decision = Query.Decision, Rule = Query.Rule, Session = Query.Session, Trace = Query.Trace, From = Query.From, To = Query.To };
        foreach ((long at, ReadOnlyMemory<byte> leaf) in filter.Latest(store, store.Size))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Has(leaf))
            {
                yield return new AuditEntry(at, leaf);
            }
        }
    }

    /// <summary>What the filter of the command line does not know.</summary>
    private bool Has(ReadOnlyMemory<byte> leaf)
    {
        if (Query.EventType is null && Query.Outcome is null && Query.PolicyHash is null)
        {
            return true;
        }

        using JsonDocument document = JsonDocument.Parse(leaf);
        JsonElement record = document.RootElement;
        string? outcome = Text(record, "outcome") ?? (Text(record, "kind") == "outcome" ? "success" : null);
        return (Query.EventType is null || Text(record, "event_type") == Query.EventType) && (Query.Outcome is null || outcome == Query.Outcome) &&
            (Query.PolicyHash is null || Text(record, "policy_version") == Query.PolicyHash ||
                (record.TryGetProperty("policies", out JsonElement policies) && policies.ValueKind == JsonValueKind.Array && policies.EnumerateArray().Any(policy => Text(policy, "sha256") == Query.PolicyHash)));
    }

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { Length: > 0 and <= 1_024 } text
        ? text
        : throw new InvalidRecordException(member.Name, $"'{member.Name}' is a text of 1 to 1024 characters.");

    private static DateTimeOffset Time(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String && DateTimeOffset.TryParse(member.Value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
        ? time
        : throw new InvalidRecordException(member.Name, $"'{member.Name}' is a time (RFC 3339).");

    private static int Number(JsonProperty member, int least, int most) => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out int number) && number >= least && number <= most
        ? number
        : throw new InvalidRecordException(member.Name, $"'{member.Name}' is a whole number from {least} to {most}.");
}
