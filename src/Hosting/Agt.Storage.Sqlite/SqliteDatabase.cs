using Agt.Audit.Merkle;
using Agt.Audit.Tiles;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Agt.Storage.Sqlite;

/// <summary>A connection to the database of a log and the statements that read it.</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class SqliteDatabase : IDisposable
{
    internal const int LeavesAtOnce = 256;
    private readonly SqliteConnection _connection;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _last;
    private readonly SqliteStatement _first;
    private readonly SqliteStatement _leaves;
    private readonly SqliteStatement _tile;
    private readonly SqliteStatement _checkpoint;

    private SqliteDatabase(SqliteConnection connection)
    {
        _connection = connection;
        _last = Prepare("SELECT max(idx) FROM entries");
        _first = Prepare(SqliteSchema.First);
        _leaves = Prepare(SqliteSchema.Leaves);
        _tile = Prepare("SELECT hashes FROM tiles WHERE level = ?1 AND tile = ?2");
        _checkpoint = Prepare("SELECT note FROM checkpoint WHERE id = 0");
    }

    /// <summary>What SQLite knows the connection by.</summary>
    internal sqlite3 Handle => _connection.Handle!;

    /// <summary>How many leaves there are.</summary>
    internal long Size => (_last.Number() + 1) ?? 0;

    /// <summary>The first leaf that is kept.</summary>
    internal long First => _first.Number() ?? 0;

    /// <summary>Opens the database of a log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Whether it may be written, and made.</param>
    internal static SqliteDatabase Open(string path, bool write)
    {
        string source = new SqliteConnectionStringBuilder { DataSource = path, Mode = write ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly, Pooling = false }.ToString();
        var connection = new SqliteConnection(source);
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle, 1_000);
            SqliteSchema.Prepare(connection.Handle!, path, write);
            return new SqliteDatabase(connection);
        }
        catch (SqliteException exception)
        {
            IOException failure = connection.Handle is { } handle ? SqliteFailure.Of(handle, exception.SqliteErrorCode) : new IOException($"'{path}' cannot be opened: {exception.Message}", exception);
            connection.Dispose();
            throw failure;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Prepares a statement that is closed with the connection.</summary>
    internal SqliteStatement Prepare(string sql)
    {
        var statement = new SqliteStatement(Handle, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Reads some leaves; fewer where the log ends.</summary>
    internal List<byte[]> ReadLeaves(long first, long count)
    {
        count = Math.Min(count, LeavesAtOnce);
        var leaves = new List<byte[]>((int)count);
        _leaves.Bind(1, first).Bind(2, count);
        try
        {
            while (_leaves.Step())
            {
                if (_leaves.ReadNumber(0) != first + leaves.Count)
                {
                    throw new InvalidDataException($"Record {first + leaves.Count} is missing.");
                }

                leaves.Add(_leaves.ReadBytes(1).ToArray());
            }
        }
        finally
        {
            _leaves.Reset();
        }

        return leaves;
    }

    internal void ReadTile(TilePath path, Span<LogHash> hashes)
    {
        _tile.Bind(1, path.Level).Bind(2, path.Index);
        try
        {
            ReadOnlySpan<byte> bytes = _tile.Step() ? _tile.ReadBytes(0) : default;
            if (bytes.Length < path.Width * LogHash.Size)
            {
                throw new InvalidDataException($"The log has no {path}.");
            }

            for (int i = 0; i < path.Width; i++)
            {
                hashes[i] = new LogHash(bytes.Slice(i * LogHash.Size, LogHash.Size));
            }
        }
        finally
        {
            _tile.Reset();
        }
    }

    internal byte[] ReadCheckpoint()
    {
        try
        {
            return _checkpoint.Step() ? _checkpoint.ReadBytes(0).ToArray() : [];
        }
        finally
        {
            _checkpoint.Reset();
        }
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }
}
