using System.Text.Json;
using Agt.Audit;

namespace Agt.Compliance.Engine;

/// <content>Violations as records of the log: writing them, and reading them again.</content>
public sealed partial class ComplianceEngine
{
    private async ValueTask<ComplianceViolation> RecordAsync(ComplianceViolation violation, CancellationToken cancellationToken)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ComplianceEvents.ViolationId] = violation.Id, [ComplianceEvents.Control] = violation.ControlId, [ComplianceEvents.Framework] = violation.Framework,
        };
        foreach ((string name, string value) in violation.Evidence)
        {
            attributes[ComplianceEvents.EvidencePrefix + name] = value;
        }

        long index = await _log.AppendAsync(
            new AuditEvent("event", ComplianceEvents.Violation, Short(violation.ActionType))
            {
                Agent = AgentId.Parse(violation.Agent), OccurredAt = violation.OccurredAt, Severity = violation.Severity, Reason = violation.Description, Attributes = attributes,
            },
            cancellationToken).ConfigureAwait(false);
        ComplianceViolation recorded = violation with { Index = index };
        lock (_lock)
        {
            Keep(recorded);
        }

        return recorded;
    }

    private void Keep(ComplianceViolation violation)
    {
        _touched.Add(violation.ControlId);
        if (!_violations.TryAdd(violation.Id, violation))
        {
            return;
        }

        _order.Enqueue(violation.Id);
        if (_violations.Count <= Capacity)
        {
            return;
        }

        string? settled = _order.FirstOrDefault(id => _violations[id].Remediated);
        if (settled is null)
        {
            _violations.Remove(_order.Dequeue());
        }
        else
        {
            string[] rest = [.. _order.Where(id => id != settled)];
            _order.Clear();
            foreach (string id in rest)
            {
                _order.Enqueue(id);
            }

            _violations.Remove(settled);
        }

        Interlocked.Increment(ref _forgotten);
    }

    private void Restore(ReadOnlyMemory<byte> leaf, long index)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(leaf, new JsonDocumentOptions { MaxDepth = 32 });
            JsonElement record = document.RootElement;
            if (Text(record, "kind") != "event" || !record.TryGetProperty("attributes", out JsonElement attributes) || Text(attributes, ComplianceEvents.ViolationId) is not { } id || !record.TryGetProperty("occurred_at", out JsonElement at))
            {
                return;
            }

            lock (_lock)
            {
                switch (Text(record, "event_type"))
                {
                    case ComplianceEvents.Violation:
                        Keep(new ComplianceViolation(
                            id, Text(attributes, ComplianceEvents.Control) ?? string.Empty, Text(attributes, ComplianceEvents.Framework) ?? string.Empty,
                            Text(record, "agent_did") ?? Text(record, "agent_id") ?? string.Empty, Text(record, "action") ?? string.Empty, Text(record, "reason") ?? string.Empty, at.GetDateTimeOffset())
                        {
                            Severity = Text(record, "severity") ?? "info",
                            Index = index,
                            Evidence = attributes.EnumerateObject().Where(member => member.Name.StartsWith(ComplianceEvents.EvidencePrefix, StringComparison.Ordinal) && member.Value.ValueKind == JsonValueKind.String)
                                .ToDictionary(member => member.Name[ComplianceEvents.EvidencePrefix.Length..], member => member.Value.GetString()!, StringComparer.Ordinal),
                        });
                        break;
                    case ComplianceEvents.Remediated when _violations.TryGetValue(id, out ComplianceViolation? violation):
                        _violations[id] = violation with { Remediated = true, RemediatedAt = at.GetDateTimeOffset(), Notes = Text(attributes, ComplianceEvents.Notes) };
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Somebody else's record that only mentions the word: it says nothing about violations.
            return;
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
