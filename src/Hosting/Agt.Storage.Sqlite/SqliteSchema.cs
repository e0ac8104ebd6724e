using Agt.Audit.Stores;
using SQLitePCL;

namespace Agt.Storage.Sqlite;

/// <summary>The tables of a log, and what they refuse.</summary>
internal static class SqliteSchema
{
    /// <summary>The version that this build writes.</summary>
    internal const int Version = 1;

    /// <summary>Reads leaves from a place on.</summary>
    internal const string Leaves = "SELECT idx, leaf FROM entries WHERE idx >= ?1 ORDER BY idx LIMIT ?2";

    /// <summary>Finds the latest record with a fact, at or below a place.</summary>
    internal const string Seek = "SELECT idx FROM facts WHERE term = ?1 AND idx <= ?2 ORDER BY idx DESC LIMIT 1";

    /// <summary>How many leaves are in the index; those behind them are looked at one by one.</summary>
    internal const string Indexed = "SELECT size FROM indexed WHERE id = 0";

    /// <summary>Finds a record by its id: the first that had it.</summary>
    internal const string ById = "SELECT idx FROM ids WHERE id = ?1 ORDER BY idx LIMIT 1";

    /// <summary>Finds the latest record of a decision.</summary>
    internal const string ByDecision = "SELECT idx FROM decisions WHERE id = ?1 ORDER BY idx DESC LIMIT 1";

    /// <summary>Finds the last block of a level, among some, that has a record from before a time.</summary>
    internal const string LastBlock = "SELECT block FROM spans WHERE level = ?1 AND block BETWEEN ?2 AND ?3 AND earliest <= ?4 ORDER BY block DESC LIMIT 1";

    /// <summary>Finds the first block of a level, among some, that has a record from after a time.</summary>
    internal const string FirstBlock = "SELECT block FROM spans WHERE level = ?1 AND block BETWEEN ?2 AND ?3 AND latest >= ?4 ORDER BY block LIMIT 1";

    /// <summary>The first leaf that is kept.</summary>
    internal const string First = "SELECT coalesce(min(idx), 0) FROM entries";

    /// <summary>Refuses to delete records.</summary>
    internal const string NoDelete = "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the records of an audit log are not deleted'); END;";

    /// <summary>What tells a database of Agt's audit log from others: 'AGTL'.</summary>
    private const long ApplicationId = 0x4147544c;

    private const string Tables = $$"""
        CREATE TABLE entries(idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
        CREATE TABLE tiles(level INTEGER NOT NULL, tile INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, tile)) STRICT;
        CREATE TABLE checkpoint(id INTEGER PRIMARY KEY CHECK(id = 0), note BLOB NOT NULL) STRICT;
        CREATE TABLE facts(term INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(term, idx)) STRICT, WITHOUT ROWID;
        CREATE TABLE ids(id BLOB NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(id, idx)) STRICT, WITHOUT ROWID;
        CREATE TABLE decisions(id INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(id, idx)) STRICT, WITHOUT ROWID;
        CREATE TABLE indexed(id INTEGER PRIMARY KEY CHECK(id = 0), size INTEGER NOT NULL) STRICT;
        CREATE TABLE spans(level INTEGER NOT NULL, block INTEGER NOT NULL, earliest INTEGER NOT NULL, latest INTEGER NOT NULL, PRIMARY KEY(level, block)) STRICT, WITHOUT ROWID;
        CREATE TRIGGER entries_in_order BEFORE INSERT ON entries WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM entries)
            BEGIN SELECT RAISE(ABORT, 'the records of an audit log have no gap and are not replaced'); END;
        CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the records of an audit log are not changed'); END;
        {{NoDelete}}
        CREATE TRIGGER tiles_no_delete BEFORE DELETE ON tiles BEGIN SELECT RAISE(ABORT, 'the hashes of an audit log are not deleted'); END;
        CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the checkpoint of an audit log is not deleted'); END;
        PRAGMA application_id = 0x4147544c;
        PRAGMA user_version = 1;
        """;

    /// <summary>Sets a connection up, and makes the tables in a new database.</summary>
    internal static void Prepare(sqlite3 database, string path, bool write)
    {
        long version = Read(database, "PRAGMA user_version");
        long application = Read(database, "PRAGMA application_id");
        if (version > Version && application == ApplicationId)
        {
            throw new AuditStoreException(AuditStoreProblem.Version, $"'{path}' was written by a newer version of Agt (format {version}; this one knows {Version}). Use that version.");
        }

        bool isNew = Read(database, "SELECT count(*) FROM sqlite_schema") == 0 && application == 0;
        if (!isNew && (application != ApplicationId || version != Version))
        {
            throw new AuditStoreException(AuditStoreProblem.Version, $"'{path}' is a database, and not of an audit log. Give the log a directory of its own.");
        }

        if (isNew && !write)
        {
            throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{path}' has no audit log in it.");
        }

        // No schema of a database may run code that this build does not know.
        Run(database, "PRAGMA trusted_schema = OFF");
        if (!write)
        {
            Run(database, "PRAGMA query_only = ON");
            return;
        }

        // Durable when a commit returns, also after a power cut, and also where fsync alone does not reach the disk (macOS).
        Run(database, "PRAGMA journal_mode = WAL");
        Run(database, "PRAGMA synchronous = FULL");
        Run(database, "PRAGMA fullfsync = ON");
        Run(database, "PRAGMA checkpoint_fullfsync = ON");
        Run(database, "PRAGMA wal_autocheckpoint = 4000");
        Run(database, "PRAGMA cache_size = -32768");
        if (isNew)
        {
            Run(database, "BEGIN IMMEDIATE;" + Tables + "COMMIT");
        }
    }

    internal static void Run(sqlite3 database, string sql)
    {
        int code = raw.sqlite3_exec(database, sql);
        if (code != raw.SQLITE_OK)
        {
            IOException failure = SqliteFailure.Of(database, code);
            if (raw.sqlite3_get_autocommit(database) == 0)
            {
                _ = raw.sqlite3_exec(database, "ROLLBACK");
            }

            throw failure;
        }
    }

    private static long Read(sqlite3 database, string sql)
    {
        using var statement = new SqliteStatement(database, sql);
        return statement.Number() ?? 0;
    }
}
