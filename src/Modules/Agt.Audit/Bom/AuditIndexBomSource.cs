using Agt.Audit.Queries;
using Agt.Audit.Records;

namespace Agt.Audit.Bom;

/// <summary>What the index of an audit log knows about decisions. Thread-safe.</summary>
/// <param name="index">The index.</param>
/// <param name="most">How many records are looked at for one question at most.</param>
public sealed class AuditIndexBomSource(IAuditIndex index, int most = 10_000) : IBomSource
{
    /// <inheritdoc />
    public IReadOnlyList<BomEvidence> Find(BomQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var found = new List<BomEvidence>();
        var query = new AuditQuery { Trace = question.TraceId, Agent = question.Agent, From = question.From, To = question.To, Limit = AuditQuery.MaxLimit };
        long? before = null;
        do
        {
            AuditPage page = index.Query(query with { Before = before });
            foreach (AuditEntry entry in page.Entries)
            {
                RecordHead head = RecordHead.Read(entry.Leaf.Span);
                if (head.OccurredAt is { } at)
                {
                    found.Add(new BomEvidence(at) { Agent = head.Agent, TraceId = head.TraceId, Action = head.Action, Outcome = head.Decision });
                }
            }

            before = page.Next;
        }
        while (before is not null && found.Count < most);
        return found;
    }
}
