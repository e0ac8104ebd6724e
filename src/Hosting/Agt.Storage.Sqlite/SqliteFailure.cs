using Agt.Audit.Stores;
using SQLitePCL;

namespace Agt.Storage.Sqlite;

/// <summary>Says what SQLite says.</summary>
internal static class SqliteFailure
{
    internal static IOException Of(sqlite3 database, int code)
    {
        string text = raw.sqlite3_errmsg(database).utf8_to_string();
        return (code & 0xff) switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new AuditStoreException(AuditStoreProblem.Corrupt, $"The database of the audit log is damaged: {text}. Nothing was changed; restore the log from its backup."),
            raw.SQLITE_FULL => new IOException("The disk of the audit log is full."),
            raw.SQLITE_BUSY => new IOException("The database of the audit log is held by somebody else who writes to it; nobody but the log should."),
            _ => new IOException($"The database of the audit log failed: {text} (SQLite {code})."),
        };
    }
}
