using Agt.Audit.Merkle;
using Agt.Audit.Queries;
using Agt.Audit.Records;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Storage.Sqlite;

/// <summary>
/// Keeps a log in a SQLite database: leaves that the database refuses to change or delete, the hashes of the tree a tile a row, and an index to find records by (spec 09, AUD-403, AUD-701).
/// </summary>
/// <remarks>
/// As <see cref="IAuditStore"/> and <see cref="IAuditIndex"/> say. A batch is one transaction, durable when it returns (write-ahead log, <c>synchronous=FULL</c>). A directory has one writer: a second
/// one fails at once; others may read beside it, in other processes too. The triggers keep mistakes out; who may write to the file can do anything to it, which the checkpoints of the log make visible.
/// </remarks>
public sealed class SqliteAuditStore : IAuditStore, IAuditIndex
{
    /// <summary>The name of the database in its directory.</summary>
    public const string FileName = "log.db";

    private readonly Lock _writing = new();
    private readonly FileStream? _lock;
    private readonly SqliteDatabase? _database;
    private readonly SqliteWriter? _writer;
    private readonly SqliteReaders _readers;
    private long _size;

    private SqliteAuditStore(string directory, FileStream? @lock, SqliteDatabase? database)
    {
        Location = directory;
        _lock = @lock;
        _database = database;
        _writer = database is null ? null : new SqliteWriter(database);
        _size = database?.Size ?? 0;
        _readers = new SqliteReaders(Path.Combine(directory, FileName));
    }

    /// <summary>The directory.</summary>
    public string Location { get; }

    /// <inheritdoc />
    public long Size => _writer is null ? _readers.Read(0, static (reader, _) => reader.Database.Size) : Volatile.Read(ref _size);

    /// <summary>Opens a directory for writing; makes it, with mode 0700, if it is not there.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="AuditStoreException">Another writer has it, or what lies there is no log that this version can write.</exception>
    public static SqliteAuditStore Open(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ProtectedFiles.EnsureDirectory(directory);
        FileStream taken = StoreLock.Take(Path.Combine(directory, "LOCK"));
        try
        {
            if (Directory.Exists(Path.Combine(directory, "segments")))
            {
                throw new AuditStoreException(AuditStoreProblem.Version, $"The log in '{directory}' is kept in files, not in a database. Open it as such, or give the database a directory of its own.");
            }

            // Made here, so that it never has another mode; the files that SQLite makes beside it get the same.
            string path = Path.Combine(directory, FileName);
            ProtectedFiles.Open(path, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose();
            ProtectedFiles.FlushDirectory(directory);
            SqliteDatabase database = SqliteDatabase.Open(path, write: true);
            try
            {
                return new SqliteAuditStore(directory, taken, database);
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public long First => _readers.Read(0, static (reader, _) => reader.Database.First);

    /// <summary>Opens a directory for reading, also while another process writes it; what is appended later is seen.</summary>
    /// <param name="directory">The directory.</param>
    /// <exception cref="AuditStoreException">What lies there is no log that this version can read.</exception>
    public static SqliteAuditStore OpenForReading(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (!File.Exists(Path.Combine(directory, FileName)))
        {
            throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{directory}' is no directory of an audit log in a database: there is no '{FileName}' in it.");
        }

        var store = new SqliteAuditStore(directory, null, null);
        try
        {
            _ = store.Size;
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Append(AuditBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        SqliteWriter writer = Writer();
        lock (_writing)
        {
            batch.RequireAt(_size);
            try
            {
                writer.Append(batch);
            }
            catch (InvalidDataException exception)
            {
                throw new AuditStoreException(AuditStoreProblem.Tampered, $"The database in '{Location}' is not what was written: {exception.Message}", exception);
            }

            Volatile.Write(ref _size, _size + batch.Count);
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
    public void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        if (!path.IsStored(levels: 8))
        {
            throw new InvalidDataException($"The log has no {path}.");
        }

        SqliteReaders.Reader reader = _readers.Take();
        bool sound = false;
        try
        {
            reader.Database.ReadTile(path, hashes);
            sound = true;
        }
        finally
        {
            _readers.Give(reader, sound);
        }
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> ReadCheckpoint() => _readers.Read(0, static (reader, _) => reader.Database.ReadCheckpoint());

    /// <inheritdoc />
    public void WriteCheckpoint(ReadOnlySpan<byte> note)
    {
        SqliteWriter writer = Writer();
        lock (_writing)
        {
            writer.WriteCheckpoint(note);
        }
    }

    /// <inheritdoc />
    public void Purge(long first)
    {
        SqliteWriter writer = Writer();
        lock (_writing)
        {
            PurgePoint.Require(first, _size);
            if (first > First)
            {
                writer.Purge(first);
            }
        }
    }

    /// <inheritdoc />
    public AuditPage Query(AuditQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Check();
        return _readers.Read(query, static (reader, query) => reader.Index.Query(query));
    }

    /// <inheritdoc />
    public AuditEntry? Find(Guid recordId) => _readers.Read(recordId, static (reader, id) => reader.Index.Find(id));

    /// <inheritdoc />
    public AuditEntry? Find(DecisionId decisionId) => _readers.Read(decisionId, static (reader, id) => reader.Index.Find(id));

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
        _readers.Dispose();
        lock (_writing)
        {
            _database?.Dispose();
        }

        _lock?.Dispose();
    }

    private SqliteWriter Writer() => _writer ?? throw new InvalidOperationException("The log was opened for reading.");

    private IEnumerable<ReadOnlyMemory<byte>> Leaves(long first, long count)
    {
        while (count > 0)
        {
            List<byte[]> leaves = _readers.Read((first, count), static (reader, range) => reader.Database.ReadLeaves(range.first, range.count));
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
