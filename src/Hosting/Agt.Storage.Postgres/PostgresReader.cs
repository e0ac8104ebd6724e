using Agt.Audit.Merkle;
using Agt.Audit.Queries;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>Reads a log. Thread-safe: every reading has a connection of the pool for itself.</summary>
internal sealed class PostgresReader(NpgsqlDataSource source, string schema) : IDisposable
{
    private const int LeavesAtOnce = 256;
    private const int MaxSteps = 100_000;
    private const int MaxRounds = 8;

    internal long Size => Read($"SELECT coalesce(max(idx) + 1, 0) FROM {schema}.entries", static reader => reader.Read() ? reader.GetInt64(0) : 0);

    /// <summary>The first leaf that is kept.</summary>
    internal long First => Read($"SELECT first FROM {schema}.start", static reader => reader.Read() ? reader.GetInt64(0) : 0);

    internal static void RequireVersion(NpgsqlConnection connection, string schema)
    {
        int version;
        try
        {
            using NpgsqlCommand command = new($"SELECT max(number) FROM {schema}.version", connection);
            version = (int)command.ExecuteScalar()!;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new AuditStoreException(AuditStoreProblem.Version, $"The schema '{schema}' has no audit log that this role can see. The owner makes one with PostgresAuditStore.Install.", exception);
        }

        if (version != PostgresSchema.Version)
        {
            throw new AuditStoreException(AuditStoreProblem.Version, $"The audit log '{schema}' was written by another version of Agt (format {version}; this one knows {PostgresSchema.Version}). Use that version.");
        }
    }

    internal List<byte[]> ReadLeaves(long first, long count) => Read(
        $"SELECT idx, leaf FROM {schema}.entries WHERE idx >= $1 ORDER BY idx LIMIT $2",
        reader =>
        {
            var leaves = new List<byte[]>();
            while (reader.Read())
            {
                if (reader.GetInt64(0) != first + leaves.Count)
                {
                    throw new InvalidDataException($"Record {first + leaves.Count} is missing.");
                }

                leaves.Add(reader.GetFieldValue<byte[]>(1));
            }

            return leaves;
        },
        first, Math.Min(count, LeavesAtOnce));

    internal LogHash[] ReadTile(TilePath path) => Read(
        $"SELECT hash FROM {schema}.hashes WHERE level = $1 AND idx >= $2 AND idx < $3 ORDER BY idx",
        reader =>
        {
            var hashes = new LogHash[path.Width];
            int filled = 0;
            while (filled < hashes.Length && reader.Read())
            {
                hashes[filled++] = new LogHash(reader.GetFieldValue<byte[]>(0));
            }

            return filled == hashes.Length ? hashes : throw new InvalidDataException($"The log has no {path}.");
        },
        path.Level, path.Index * TilePath.FullWidth, (path.Index * TilePath.FullWidth) + path.Width);

    internal byte[] ReadCheckpoint() => Read($"SELECT note FROM {schema}.checkpoint WHERE id = 0", static reader => reader.Read() ? reader.GetFieldValue<byte[]>(0) : []);

    internal AuditEntry? Find(Guid id) => At(Read($"SELECT min(idx) FROM {schema}.ids WHERE id = $1", Number, id));

    internal AuditEntry? Find(DecisionId id) => At(Read($"SELECT max(idx) FROM {schema}.decisions WHERE id = $1", Number, (long)id.Value));

    internal AuditPage Query(AuditQuery query)
    {
        IReadOnlyList<(IndexField Field, string Value)> wanted = query.Terms();
        long[] terms = [.. wanted.Select(term => RecordFacts.Term(term.Field, term.Value))];
        long size = Size;
        long? below = Math.Min(query.Before ?? size, size);
        long kept = First;
        long first = kept;
        if (query.To is { } to)
        {
            below = Math.Min(below.Value, ((Read($"SELECT {schema}.last_block($1)", Number, RecordFacts.Microseconds(to)) ?? -1) + 1) * 256);
        }

        if (query.From is { } from)
        {
            first = Read($"SELECT {schema}.first_block($1)", Number, RecordFacts.Microseconds(from)) is { } block ? Math.Max(kept, block * 256) : below.Value;
        }

        var found = new List<AuditEntry>();
        for (int round = 0; round < MaxRounds && found.Count < query.Limit && below is { } end; round++)
        {
            // What the index gives is compared with what was asked, so that a page may take more than one round.
            (long[] places, long? rest) = Candidates(terms, end, first, query.Limit);
            foreach (AuditEntry entry in Entries(places))
            {
                if (found.Count < query.Limit && RecordFacts.Matches(query, wanted, entry.Leaf.Span))
                {
                    found.Add(entry);
                    if (found.Count == query.Limit && entry.Index != places[^1])
                    {
                        rest = entry.Index;
                    }
                }
            }

            below = rest;
        }

        found.Reverse();
        return new AuditPage(found, below);
    }

    public void Dispose() => source.Dispose();

    private TResult Read<TResult>(string sql, Func<NpgsqlDataReader, TResult> read, params object[] parameters)
    {
        try
        {
            try
            {
                return ReadOnce(sql, read, parameters);
            }
            catch (NpgsqlException exception) when (exception is not PostgresException || exception.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown)
            {
                // The connection was kept since before the server went away; so were the others.
                source.Clear();
                return ReadOnce(sql, read, parameters);
            }
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFailure.Of(exception);
        }
    }

    /// <summary>Reads something, with a connection for the time that it takes.</summary>
    private TResult ReadOnce<TResult>(string sql, Func<NpgsqlDataReader, TResult> read, object[] parameters)
    {
        using NpgsqlConnection connection = source.OpenConnection();
        using NpgsqlCommand command = new(sql, connection);
        foreach (object parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        using NpgsqlDataReader reader = command.ExecuteReader();
        return read(reader);
    }

    private static long? Number(NpgsqlDataReader reader) => reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;

    private (long[] Places, long? Left) Candidates(long[] terms, long below, long first, int wanted) => Read(
        $"SELECT places, rest FROM {schema}.find($1, $2, $3, $4, $5)",
        static reader => reader.Read() ? (reader.GetFieldValue<long[]>(0), reader.IsDBNull(1) ? (long?)null : reader.GetInt64(1)) : ([], null),
        terms, below, first, wanted, MaxSteps);

    /// <summary>The records at some places, latest first.</summary>
    private List<AuditEntry> Entries(long[] places) => places.Length == 0 ? [] : Read(
        $"SELECT idx, leaf FROM {schema}.entries WHERE idx = ANY($1) ORDER BY idx DESC",
        static reader =>
        {
            var entries = new List<AuditEntry>();
            while (reader.Read())
            {
                entries.Add(new AuditEntry(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
            }

            return entries;
        },
        (object)places);

    private AuditEntry? At(long? index) => index is { } at ? Entries([at]).Single() : null;
}
