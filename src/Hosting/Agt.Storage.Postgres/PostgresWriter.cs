using System.Collections.Frozen;
using System.Data;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Queries;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Npgsql;
using NpgsqlTypes;

namespace Agt.Storage.Postgres;

/// <summary>Puts batches into the database, each in one transaction and one round trip, by the session that holds the lock.</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class PostgresWriter(string connectionString, string schema) : IDisposable
{
    private readonly RecordFacts _facts = new();
    private PostgresSession? _session = PostgresSession.Open(connectionString, schema);

    /// <summary>Whether a session broke since the last batch, so that it is not known whether that was committed, nor whether somebody else has gone on.</summary>
    private bool _inDoubt;

    /// <summary>The rows of the queue whose records are on their way, by emitter and number.</summary>
    internal IReadOnlyDictionary<(string Emitter, long Sequence), Guid> Expected { get; set => Volatile.Write(ref field, value); } = FrozenDictionary<(string, long), Guid>.Empty;

    /// <summary>Whether somebody else has gone on with the log: this writer cannot write any more.</summary>
    internal bool IsOvertaken { get; private set => Volatile.Write(ref field, value); }

    /// <summary>How many leaves there are; asked of the session itself.</summary>
    internal long ReadSize()
    {
        try
        {
            using NpgsqlCommand command = new($"SELECT coalesce(max(idx) + 1, 0) FROM {schema}.entries", Session());
            return (long)command.ExecuteScalar()!;
        }
        catch (NpgsqlException exception)
        {
            throw Broken(exception);
        }
    }

    internal void Append(AuditBatch batch)
    {
        if (IsThere(batch))
        {
            return;
        }

        try
        {
            using NpgsqlBatch commands = Commands(batch, Session());

            // Without a transaction of its own a batch is one: it is committed as a whole or not at all.
            commands.ExecuteNonQuery();
        }
        catch (NpgsqlException exception)
        {
            throw Broken(exception);
        }
    }

    internal void WriteCheckpoint(ReadOnlySpan<byte> note)
    {
        if (!SignedCheckpoint.TryParse(note, out SignedCheckpoint? checkpoint, out string? error))
        {
            throw new ArgumentException("The checkpoint cannot be read: " + error, nameof(note));
        }

        byte[] root = new byte[LogHash.Size];
        checkpoint.Checkpoint.Root.CopyTo(root);
        try
        {
            using NpgsqlCommand command = new($"SELECT {schema}.put_checkpoint($1, $2, $3)", Session());
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = checkpoint.Checkpoint.Size });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = root });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = note.ToArray() });
            command.ExecuteNonQuery();
        }
        catch (NpgsqlException exception)
        {
            throw Broken(exception);
        }
    }

    public void Dispose() => _session?.Dispose();

    /// <summary>After the session broke: whether the batch was committed all the same. A log that somebody else has gone on with is not gone on with here.</summary>
    private bool IsThere(AuditBatch batch)
    {
        _ = Session();
        if (!_inDoubt)
        {
            return false;
        }

        long size = ReadSize();
        bool isThere = size == batch.FirstIndex + batch.Count && IsSame(batch);
        if (isThere || size == batch.FirstIndex)
        {
            _inDoubt = false;
            return isThere;
        }

        // Not kept: the other writer may have the lock again.
        GiveUp();
        IsOvertaken = true;
        throw new AuditStoreException(AuditStoreProblem.Locked, $"Another process has gone on with the audit log '{schema}': it has {size} records, this one knows {batch.FirstIndex}. Open the log again.");
    }

    private bool IsSame(AuditBatch batch)
    {
        try
        {
            using NpgsqlCommand command = new($"SELECT idx, leaf FROM {schema}.entries WHERE idx >= $1 ORDER BY idx", Session());
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = batch.FirstIndex });
            using NpgsqlDataReader reader = command.ExecuteReader();
            int same = 0;
            while (reader.Read() && same < batch.Count && reader.GetInt64(0) == batch.FirstIndex + same && batch.Leaf(same).SequenceEqual(reader.GetFieldValue<byte[]>(1)))
            {
                same++;
            }

            return same == batch.Count;
        }
        catch (NpgsqlException exception)
        {
            throw Broken(exception);
        }
    }

    private NpgsqlBatch Commands(AuditBatch batch, NpgsqlConnection connection)
    {
        var terms = new List<(long Term, long Index)>(batch.Count * 12);
        var ids = new List<(Guid Id, long Index)>(batch.Count);
        var decisions = new List<(long Id, long Index)>(batch.Count);
        var times = new List<(long Block, long At)>(batch.Count);
        var leaves = new byte[batch.Count][];
        for (int i = 0; i < batch.Count; i++)
        {
            long index = batch.FirstIndex + i;
            leaves[i] = batch.Leaf(i).ToArray();
            _facts.Read(leaves[i]);
            terms.AddRange(_facts.Terms.Select(term => (term, index)));
            if (_facts.RecordKey is { } id)
            {
                ids.Add((id, index));
            }

            if (_facts.DecisionId is { } decision)
            {
                decisions.Add((decision, index));
            }

            if (_facts.At is { } at)
            {
                times.Add((index >> 8, at));
            }
        }

        terms.Sort();
        var commands = new NpgsqlBatch(connection);
        Add("INSERT INTO {0}.entries(idx, leaf) SELECT $1 + n - 1, leaf FROM unnest($2) WITH ORDINALITY AS l(leaf, n)", Of(batch.FirstIndex), Of(leaves, NpgsqlDbType.Bytea));
        Add(
            "INSERT INTO {0}.hashes(level, idx, hash) SELECT * FROM unnest($1, $2, $3)",
            Of([.. batch.TileHashes.Select(hash => hash.Level)], NpgsqlDbType.Integer), Of([.. batch.TileHashes.Select(hash => hash.Index)], NpgsqlDbType.Bigint), Of([.. batch.TileHashes.Select(Bytes)], NpgsqlDbType.Bytea));
        Add("INSERT INTO {0}.facts(term, idx) SELECT * FROM unnest($1, $2)", Of([.. terms.Select(term => term.Term)], NpgsqlDbType.Bigint), Of([.. terms.Select(term => term.Index)], NpgsqlDbType.Bigint));
        Add("INSERT INTO {0}.ids(id, idx) SELECT * FROM unnest($1, $2)", Of([.. ids.Select(id => id.Id)], NpgsqlDbType.Uuid), Of([.. ids.Select(id => id.Index)], NpgsqlDbType.Bigint));
        Add("INSERT INTO {0}.decisions(id, idx) SELECT * FROM unnest($1, $2)", Of([.. decisions.Select(id => id.Id)], NpgsqlDbType.Bigint), Of([.. decisions.Select(id => id.Index)], NpgsqlDbType.Bigint));
        (long Block, long Low, long High)[] spans = [.. times.GroupBy(time => time.Block).Select(block => (block.Key, block.Min(time => time.At), block.Max(time => time.At)))];
        Add(
            "SELECT {0}.put_spans($1, $2, $3)",
            Of([.. spans.Select(span => span.Block)], NpgsqlDbType.Bigint), Of([.. spans.Select(span => span.Low)], NpgsqlDbType.Bigint), Of([.. spans.Select(span => span.High)], NpgsqlDbType.Bigint));
        Settle(batch, Add);
        return commands;

        void Add(string sql, params NpgsqlParameter[] parameters)
        {
            var command = new NpgsqlBatchCommand(sql.Replace("{0}", schema, StringComparison.Ordinal));
            foreach (NpgsqlParameter parameter in parameters)
            {
                command.Parameters.Add(parameter);
            }

            commands.BatchCommands.Add(command);
        }
    }

    /// <summary>Takes the rows off the queue whose records are in the batch: in the same transaction, so that a record is either on the queue or in the log.</summary>
    private void Settle(AuditBatch batch, Action<string, NpgsqlParameter[]> add)
    {
        IReadOnlyDictionary<(string Emitter, long Sequence), Guid> expected = Expected;
        if (expected.Count == 0)
        {
            return;
        }

        var keys = new List<Guid>();
        var places = new List<long>();
        var emitters = new List<string>();
        var numbers = new List<long>();
        for (int i = 0; i < batch.Count; i++)
        {
            RecordHead head = RecordHead.Read(batch.Leaf(i));
            if (head.EmitterId is { } emitter && expected.TryGetValue((emitter, head.EmitterSequence), out Guid key))
            {
                keys.Add(key);
                places.Add(batch.FirstIndex + i);
                emitters.Add(emitter);
                numbers.Add(head.EmitterSequence);
            }
        }

        if (keys.Count > 0)
        {
            add("SELECT {0}.settle($1, $2, $3, $4)", [Of([.. keys], NpgsqlDbType.Uuid), Of([.. places], NpgsqlDbType.Bigint), Of([.. emitters], NpgsqlDbType.Text), Of([.. numbers], NpgsqlDbType.Bigint)]);
        }
    }

    private static byte[] Bytes(TileHash hash)
    {
        byte[] bytes = new byte[LogHash.Size];
        hash.Hash.CopyTo(bytes);
        return bytes;
    }

    private static NpgsqlParameter<long> Of(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<TElement[]> Of<TElement>(TElement[] values, NpgsqlDbType element) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };

    /// <summary>The session that holds the lock; another one if the last broke.</summary>
    private NpgsqlConnection Session()
    {
        if (_session is { Connection.State: not ConnectionState.Open })
        {
            GiveUp();
        }

        return (_session ??= PostgresSession.Open(connectionString, schema)).Connection;
    }

    /// <summary>Gives the session up, and the lock with it, unless the server has only refused the statement.</summary>
    private IOException Broken(NpgsqlException exception)
    {
        if (exception is not PostgresException || _session?.Connection.State != ConnectionState.Open)
        {
            GiveUp();
        }

        return PostgresFailure.Of(exception);
    }

    private void GiveUp()
    {
        _session?.Dispose();
        _session = null;
        _inDoubt = true;
    }
}
