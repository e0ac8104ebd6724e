using SQLitePCL;

namespace Agt.Storage.Sqlite;

/// <summary>A prepared statement: values are bound by place, from 1. Without the cost of a command and its parameters, which is more than that of the row.</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    internal SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        int code = raw.sqlite3_prepare_v2(database, sql, out _statement);
        if (code != raw.SQLITE_OK)
        {
            throw SqliteFailure.Of(database, code);
        }
    }

    internal SqliteStatement Bind(int at, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, at, value));
        return this;
    }

    internal SqliteStatement Bind(int at, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, at, 0) : raw.sqlite3_bind_blob(_statement, at, value));
        return this;
    }

    internal SqliteStatement Bind(int at, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(at, bytes);
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    internal bool Step()
    {
        int code = raw.sqlite3_step(_statement);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Failed(code),
        };
    }

    /// <summary>Runs a statement that gives no rows, and makes it ready for the next time.</summary>
    internal void Run()
    {
        Step();
        Reset();
    }

    internal long? ReadNumber(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int64(_statement, column);

    internal ReadOnlySpan<byte> ReadBytes(int column) => raw.sqlite3_column_blob(_statement, column);

    internal string ReadText(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>Runs a statement that gives one number.</summary>
    internal long? Number()
    {
        long? number = Step() ? ReadNumber(0) : null;
        Reset();
        return number;
    }

    internal void Reset() => _ = raw.sqlite3_reset(_statement); // Repeats the error of the step before, which was thrown.

    public void Dispose() => _statement.Dispose();

    private IOException Failed(int code)
    {
        IOException failure = SqliteFailure.Of(_database, code);
        Reset();
        return failure;
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SqliteFailure.Of(_database, code);
        }
    }
}
