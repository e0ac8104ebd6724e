using Agt.Audit.Merkle;
using Agt.Audit.Queries;
using Agt.Audit.Records;
using Agt.Audit.Retention;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Npgsql;

namespace Agt.Storage.Postgres;

/// <summary>
/// Keeps a log in PostgreSQL: a writer that holds an advisory lock, a role that can add and nothing else, and an index to find records by (spec 09, AUD-412, AUD-413, AUD-701).
/// </summary>
/// <remarks>
/// As <see cref="IAuditStore"/> and <see cref="IAuditIndex"/> say. A batch is one transaction, committed with <c>synchronous_commit=on</c> by the session that holds the lock: a writer whose session has
/// ended cannot write. It opens another session at its next append, and goes on only if nobody else has. The database refuses a checkpoint that goes back or gives a size a second root. Sessions must be
/// the server's own: a pooler that shares them between clients would share the lock.
/// </remarks>
public sealed class PostgresAuditStore : IAuditStore, IAuditIndex
{
    /// <summary>The schema of a log if nothing else is said.</summary>
    public const string DefaultSchema = "agt_audit";

    private readonly Lock _writing = new();
    private readonly PostgresReader _reader;
    private readonly PostgresWriter? _writer;
    private readonly string? _owner;
    private readonly string _schema;
    private long _size;

    private PostgresAuditStore(PostgresReader reader, PostgresWriter? writer, string schema, string? owner = null)
    {
        _reader = reader;
        _writer = writer;
        _schema = schema;
        _owner = owner;
        _size = writer?.ReadSize() ?? 0;
    }

    /// <inheritdoc />
    public long Size => _writer is null ? _reader.Size : Volatile.Read(ref _size);

    /// <inheritdoc />
    public long First => _reader.First;

    /// <summary>The rows of the queue whose records are on their way, by emitter and number: the batch with such a record takes its row off the queue.</summary>
    internal IReadOnlyDictionary<(string Emitter, long Sequence), Guid> Expected
    {
        set => Writer().Expected = value;
    }

    /// <summary>Whether somebody else has gone on with the log: it cannot be written here any more.</summary>
    internal bool IsOvertaken => Writer().IsOvertaken;

    /// <summary>Makes the tables of a log, once, as their owner. The owner's password is not needed afterwards.</summary>
    /// <param name="ownerConnectionString">How the owner connects. It must be able to make a schema.</param>
    /// <param name="writerRole">The role that writes the log: it may add, and neither change nor delete. It must exist, and not be a member of the owner.</param>
    /// <param name="schema">The schema, which must not exist yet: lower-case letters, digits and underscores.</param>
    /// <exception cref="ArgumentException">A name or the connection string cannot be.</exception>
    /// <exception cref="IOException">The server refused, or cannot be reached. Nothing was changed.</exception>
    public static void Install(string ownerConnectionString, string writerRole, string schema = DefaultSchema)
    {
        PostgresSchema.Name(schema, "schema of the audit log");
        PostgresSchema.Name(writerRole, "role of the audit log's writer");
        try
        {
            using var connection = new NpgsqlConnection(Settings(ownerConnectionString).ToString());
            connection.Open();
            using NpgsqlTransaction transaction = connection.BeginTransaction();
            using NpgsqlCommand command = new(PostgresSchema.Tables(schema) + PostgresSchema.Grants(schema, writerRole), connection, transaction);
            command.ExecuteNonQuery();
            transaction.Commit();
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFailure.Of(exception);
        }
    }

    /// <summary>Opens a log for writing.</summary>
    /// <param name="connectionString">How the writer's role connects.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <param name="ownerConnectionString">How the owner connects, who alone can purge. Null (default) if this process must not be able to: then <see cref="Purge(long)"/> is refused, and the owner purges by <see cref="Purge(string, long, string)"/>.</param>
    /// <exception cref="ArgumentException">The name or a connection string cannot be.</exception>
    /// <exception cref="AuditStoreException">Another writer has it; it was not installed, or by a newer version; or the role may do more than add.</exception>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    public static PostgresAuditStore Open(string connectionString, string schema = DefaultSchema, string? ownerConnectionString = null)
    {
        PostgresSchema.Name(schema, "schema of the audit log");
        string? owner = ownerConnectionString is null ? null : Settings(ownerConnectionString).ToString();
        NpgsqlConnectionStringBuilder settings = Settings(connectionString);
        var writer = new PostgresWriter(settings.ToString(), schema);
        PostgresReader? reader = null;
        try
        {
            reader = Reader(settings, schema);
            return new PostgresAuditStore(reader, writer, schema, owner);
        }
        catch
        {
            reader?.Dispose();
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Opens a log for reading, also while another process writes it; what is appended later is seen.</summary>
    /// <param name="connectionString">How a role connects that may read the schema and run its functions.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <exception cref="ArgumentException">The name or the connection string cannot be.</exception>
    /// <exception cref="AuditStoreException">It was not installed, or by a newer version.</exception>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    public static PostgresAuditStore OpenForReading(string connectionString, string schema = DefaultSchema)
    {
        PostgresSchema.Name(schema, "schema of the audit log");
        NpgsqlConnectionStringBuilder settings = Settings(connectionString);
        try
        {
            using var connection = new NpgsqlConnection(settings.ToString());
            connection.Open();
            PostgresReader.RequireVersion(connection, schema);
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFailure.Of(exception);
        }

        return new PostgresAuditStore(Reader(settings, schema), null, schema);
    }

    /// <inheritdoc />
    public void Append(AuditBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        PostgresWriter writer = Writer();
        lock (_writing)
        {
            batch.RequireAt(_size);
            if (batch.Count > 0)
            {
                writer.Append(batch);
                Volatile.Write(ref _size, _size + batch.Count);
            }
        }
    }

    /// <inheritdoc />
    public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PurgePoint.RequireKept(first, First);
        return Leaves(first, count);
    }

    /// <inheritdoc />
    public void Purge(long first)
    {
        _ = Writer();
        lock (_writing)
        {
            PurgePoint.Require(first, _size);
            if (first <= First)
            {
                return;
            }

            Drop(_owner ?? throw new NotSupportedException($"The role that writes the audit log '{_schema}' cannot delete. Its owner drops what a record of the log says was purged, by PostgresAuditStore.Purge."), first, _schema);
        }
    }

    /// <summary>Drops records from the start of a log, as its owner: for where the host that writes it must not be able to. The log must say in a record that it was purged, which <see cref="Audit.AuditLog.PurgeAsync"/> writes before it drops anything.</summary>
    /// <param name="ownerConnectionString">How the owner connects.</param>
    /// <param name="first">The first record to keep: a multiple of 256. At or below the first that is kept now, nothing happens.</param>
    /// <param name="schema">The schema of the log.</param>
    /// <exception cref="ArgumentException">It is no such number, or a name or the connection string cannot be.</exception>
    /// <exception cref="InvalidOperationException">No record says that so much was purged. Nothing was dropped.</exception>
    /// <exception cref="IOException">The server refused, or cannot be reached. Nothing was dropped.</exception>
    public static void Purge(string ownerConnectionString, long first, string schema = DefaultSchema)
    {
        using (PostgresAuditStore store = OpenForReading(ownerConnectionString, schema))
        {
            PurgePoint.Require(first, store.Size);
            if (!PurgeRecord.Covers(store, first))
            {
                throw new InvalidOperationException($"No record of the audit log '{schema}' says that its records before {first} were purged: without it they would be missing. Purge by AuditLog.PurgeAsync first, which looks at age and holds and writes the record.");
            }
        }

        Drop(Settings(ownerConnectionString).ToString(), first, schema);
    }

    private static void Drop(string owner, long first, string schema)
    {
        try
        {
            using var connection = new NpgsqlConnection(owner);
            connection.Open();
            using NpgsqlCommand command = new($"SELECT {schema}.purge($1)", connection) { CommandTimeout = 0 };
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
            command.ExecuteNonQuery();
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFailure.Of(exception);
        }
    }

    /// <inheritdoc />
    public void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        if (!path.IsStored(levels: 8))
        {
            throw new InvalidDataException($"The log has no {path}.");
        }

        _reader.ReadTile(path).CopyTo(hashes);
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadCheckpoint() => _reader.ReadCheckpoint();

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The note is no signed checkpoint.</exception>
    public void WriteCheckpoint(ReadOnlySpan<byte> note)
    {
        PostgresWriter writer = Writer();
        lock (_writing)
        {
            writer.WriteCheckpoint(note);
        }
    }

    /// <inheritdoc />
    public AuditPage Query(AuditQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Check();
        return _reader.Query(query);
    }

    /// <inheritdoc />
    public AuditEntry? Find(Guid recordId) => _reader.Find(recordId);

    /// <inheritdoc />
    public AuditEntry? Find(DecisionId decisionId) => _reader.Find(decisionId);

    /// <inheritdoc />
    public long? FindSame(ReadOnlySpan<byte> leaf)
    {
        if (RecordHead.Read(leaf).RecordId is not { } id || Find(RecordFacts.KeyOf(id)) is not { } entry)
        {
            return null;
        }

        return entry.Leaf.Span.SequenceEqual(leaf)
            ? entry.Index
            : throw new AuditStoreException(AuditStoreProblem.DuplicateRecordId, $"Record {entry.Index} has the id '{id}' already, and other bytes. Give the new record an id of its own.");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_writing)
        {
            _writer?.Dispose();
        }

        _reader.Dispose();
    }

    /// <summary>What a connection is made with; it is not kept in the pool, and tells nothing of its password.</summary>
    internal static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, PersistSecurityInfo = false, IncludeErrorDetail = false };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // What is wrong with it may be a part of the password: it is not repeated.
            throw new ArgumentException("The connection string of the audit log cannot be read. Write it as 'Host=...;Database=...;Username=...;Password=...'.", nameof(connectionString));
        }
    }

    private static PostgresReader Reader(NpgsqlConnectionStringBuilder settings, string schema) =>
        new(new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(settings.ToString()) { Pooling = true, MaxPoolSize = 16 }.ToString()).Build(), schema);

    private PostgresWriter Writer() => _writer ?? throw new InvalidOperationException("The log was opened for reading.");

    private IEnumerable<ReadOnlyMemory<byte>> Leaves(long first, long count)
    {
        while (count > 0)
        {
            List<byte[]> leaves = _reader.ReadLeaves(first, count);
            foreach (byte[] leaf in leaves)
            {
                yield return leaf;
            }

            if (leaves.Count == 0)
            {
                yield break;
            }

            first += leaves.Count;
            count -= leaves.Count;
        }
    }
}
