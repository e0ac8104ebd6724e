using Agt.Audit.Queries;

namespace Agt.Storage.Sqlite;

/// <summary>
/// Puts records into the index, many at a time: a fact lies beside others of its kind, so that one record touches a page for each of its facts, and a thousand records hardly more. What is not in
/// the index yet is looked at one by one.
/// </summary>
/// <remarks>For one thread at a time, within its transaction.</remarks>
internal sealed class SqliteIndexer(SqliteDatabase database)
{
    /// <summary>How many records wait for the index at most, beside those of one batch.</summary>
    internal const int Every = 1_024;

    private const int SpanLevels = 4;
    private readonly SqliteStatement _indexed = database.Prepare(SqliteSchema.Indexed);
    private readonly SqliteStatement _mark = database.Prepare("INSERT INTO indexed(id, size) VALUES(0, ?1) ON CONFLICT(id) DO UPDATE SET size = excluded.size");
    private readonly SqliteStatement _fact = database.Prepare("INSERT INTO facts(term, idx) VALUES(?1, ?2)");
    private readonly SqliteStatement _id = database.Prepare("INSERT INTO ids(id, idx) VALUES(?1, ?2)");
    private readonly SqliteStatement _decision = database.Prepare("INSERT INTO decisions(id, idx) VALUES(?1, ?2)");
    private readonly SqliteStatement _span = database.Prepare(
        "INSERT INTO spans(level, block, earliest, latest) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(level, block) DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)");
    private readonly RecordFacts _facts = new();
    private readonly List<(long Term, long Index)> _terms = [];
    private long? _done;

    /// <summary>Puts into the index what waits, if it is enough.</summary>
    internal void CatchUp(long size)
    {
        long done = _done ??= _indexed.Number() ?? 0;
        while (size - done >= Every)
        {
            long first = done;
            done = Math.Min(size, done + (4 * Every));
            Put(first, done);
            _mark.Bind(1, done).Run();
            _done = done;
        }
    }

    /// <summary>Forgets how far the index is: the transaction was rolled back.</summary>
    internal void Forget() => _done = null;

    private void Put(long first, long end)
    {
        _terms.Clear();
        long block = first >> 8;
        long earliest = long.MaxValue;
        long latest = long.MinValue;
        for (long index = first; index < end;)
        {
            List<byte[]> leaves = database.ReadLeaves(index, end - index);
            if (leaves.Count == 0)
            {
                throw new InvalidDataException($"Record {index} is missing.");
            }

            foreach (byte[] leaf in leaves)
            {
                _facts.Read(leaf);
                foreach (long term in _facts.Terms)
                {
                    _terms.Add((term, index));
                }

                PutIds(index);
                if (index >> 8 != block)
                {
                    PutSpan();
                    block = index >> 8;
                }

                if (_facts.At is { } at)
                {
                    earliest = Math.Min(earliest, at);
                    latest = Math.Max(latest, at);
                }

                index++;
            }
        }

        PutSpan();
        _terms.Sort();
        foreach ((long term, long index) in _terms)
        {
            _fact.Bind(1, term).Bind(2, index).Run();
        }

        void PutSpan()
        {
            if (earliest <= latest)
            {
                for (int level = 0; level < SpanLevels; level++)
                {
                    _span.Bind(1, level).Bind(2, block >> (8 * level)).Bind(3, earliest).Bind(4, latest).Run();
                }
            }

            (earliest, latest) = (long.MaxValue, long.MinValue);
        }
    }

    private void PutIds(long index)
    {
        if (_facts.RecordKey is { } id)
        {
            _id.Bind(1, id).Bind(2, index).Run();
        }

        if (_facts.DecisionId is { } decision)
        {
            _decision.Bind(1, decision).Bind(2, index).Run();
        }
    }
}
