using Agt.Audit.Queries;

namespace Agt.Storage.Sqlite;

/// <summary>
/// Finds records by the index of facts: the lists of all the facts that are asked for are walked from the end at once, each skipping to where the others are, so that the work is that of the
/// shortest list.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class SqliteIndex(SqliteDatabase database)
{
    /// <summary>The most look-ups of one query; what is left is the next page's.</summary>
    internal const int MaxSteps = 100_000;

    private const int TopLevel = 3;
    private readonly SqliteStatement _seek = database.Prepare(SqliteSchema.Seek);
    private readonly SqliteStatement _byId = database.Prepare(SqliteSchema.ById);
    private readonly SqliteStatement _byDecision = database.Prepare(SqliteSchema.ByDecision);
    private readonly SqliteStatement _indexed = database.Prepare(SqliteSchema.Indexed);
    private readonly SqliteStatement _lastBlock = database.Prepare(SqliteSchema.LastBlock);
    private readonly SqliteStatement _firstBlock = database.Prepare(SqliteSchema.FirstBlock);

    internal AuditPage Query(AuditQuery query, int maxSteps = MaxSteps)
    {
        long size = _indexed.Number() ?? 0;
        IReadOnlyList<(IndexField Field, string Value)> wanted = query.Terms();
        var found = new List<AuditEntry>();
        foreach ((long index, byte[] leaf) in Unindexed(size, query.Before ?? long.MaxValue))
        {
            if (RecordFacts.Matches(query, wanted, leaf))
            {
                found.Add(new AuditEntry(index, leaf));
                if (found.Count == query.Limit)
                {
                    found.Reverse();
                    return new AuditPage(found, index > 0 ? index : null);
                }
            }
        }

        long below = Math.Min(query.Before ?? size, size);
        long first = database.First;
        if (query.To is { } to)
        {
            below = Math.Min(below, (LastBlockBefore(RecordFacts.Microseconds(to), size) + 1) * 256);
        }

        if (query.From is { } from)
        {
            first = FirstBlockAfter(RecordFacts.Microseconds(from), size) is { } block ? Math.Max(first, block * 256) : below;
        }

        long[] terms = [.. wanted.Select(term => RecordFacts.Term(term.Field, term.Value))];
        int steps = 0;
        long cursor = below - 1;
        while (cursor >= first && found.Count < query.Limit && steps < maxSteps)
        {
            long candidate = Candidate(terms, cursor, ref steps);
            cursor = candidate;
            if (candidate < first)
            {
                break;
            }

            byte[] leaf = database.ReadLeaves(candidate, 1)[0];
            steps++;
            if (RecordFacts.Matches(query, wanted, leaf))
            {
                found.Add(new AuditEntry(candidate, leaf));
            }

            cursor = candidate - 1;
        }

        found.Reverse();
        return new AuditPage(found, cursor >= first ? cursor + 1 : null);
    }

    internal AuditEntry? Find(Guid recordId)
    {
        long size = _indexed.Number() ?? 0;
        return At(_byId.Bind(1, recordId).Number()) ?? Unindexed(size, facts => facts.RecordKey == recordId).LastOrDefault();
    }

    internal AuditEntry? Find(DecisionId decisionId)
    {
        long size = _indexed.Number() ?? 0;
        long id = (long)decisionId.Value;
        return Unindexed(size, facts => facts.DecisionId == id).FirstOrDefault() ?? At(_byDecision.Bind(1, id).Number());
    }

    private IEnumerable<AuditEntry> Unindexed(long indexed, Func<RecordFacts, bool> matches)
    {
        var facts = new RecordFacts();
        foreach ((long index, byte[] leaf) in Unindexed(indexed, long.MaxValue))
        {
            facts.Read(leaf);
            if (matches(facts))
            {
                yield return new AuditEntry(index, leaf);
            }
        }
    }

    /// <summary>The records that are not in the index yet, latest first: <see cref="SqliteIndexer.Every"/> and a batch at most.</summary>
    private IEnumerable<(long Index, byte[] Leaf)> Unindexed(long indexed, long below)
    {
        for (long end = Math.Min(database.Size, below); end > indexed; end -= SqliteDatabase.LeavesAtOnce)
        {
            long first = Math.Max(indexed, end - SqliteDatabase.LeavesAtOnce);
            List<byte[]> leaves = database.ReadLeaves(first, end - first);
            for (int i = leaves.Count - 1; i >= 0; i--)
            {
                yield return (first + i, leaves[i]);
            }
        }
    }

    private AuditEntry? At(long? index) => index is { } at ? new AuditEntry(at, database.ReadLeaves(at, 1)[0]) : null;

    /// <summary>The latest record at or below a place that has all the facts; -1 if there is none.</summary>
    private long Candidate(long[] terms, long at, ref int steps)
    {
        for (int agreed = 0, i = 0; agreed < terms.Length; i = (i + 1) % terms.Length)
        {
            steps++;
            long next = _seek.Bind(1, terms[i]).Bind(2, at).Number() ?? -1;
            if (next < 0)
            {
                return -1;
            }

            agreed = next == at ? agreed + 1 : 1;
            at = next;
        }

        return at;
    }

    /// <summary>The last block of 256 records with one from before a time; -1 if there is none. A level at a time, so that few are looked at.</summary>
    private long LastBlockBefore(long time, long size)
    {
        long first = 0;
        long last = size >> (8 * (TopLevel + 1));
        for (int level = TopLevel; level >= 0; level--)
        {
            if (_lastBlock.Bind(1, level).Bind(2, first).Bind(3, last).Bind(4, time).Number() is not { } block)
            {
                return -1;
            }

            (first, last) = (block << 8, (block << 8) + 255);
        }

        return first >> 8;
    }

    private long? FirstBlockAfter(long time, long size)
    {
        long first = 0;
        long last = size >> (8 * (TopLevel + 1));
        for (int level = TopLevel; level >= 0; level--)
        {
            if (_firstBlock.Bind(1, level).Bind(2, first).Bind(3, last).Bind(4, time).Number() is not { } block)
            {
                return null;
            }

            (first, last) = (block << 8, (block << 8) + 255);
        }

        return first >> 8;
    }
}
