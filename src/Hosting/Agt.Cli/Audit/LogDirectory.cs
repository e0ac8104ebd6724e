using System.CommandLine;
using Agt.Audit.Stores;
using Agt.Storage.Postgres;
using Agt.Storage.Sqlite;

namespace Agt.Cli.Audit;

/// <summary>The log that a command is about.</summary>
internal static class LogDirectory
{
    private const string PostgresScheme = "postgres:";

    internal static Argument<string> Argument() => new("directory")
    {
        Description = "The directory of the log (files or SQLite), or of a published one. 'postgres:CONNECTION' for PostgreSQL, with the password in PGPASSWORD or a password file.",
        HelpName = "DIRECTORY",
    };

    /// <summary>Opens a log for reading, also while another process writes it.</summary>
    internal static IAuditStore Open(string directory)
    {
        if (directory.StartsWith(PostgresScheme, StringComparison.Ordinal))
        {
            return OpenPostgres(directory[PostgresScheme.Length..]);
        }

        if (!Directory.Exists(directory))
        {
            throw new CliException($"{InputFile.Name(directory)}: there is no such directory.", AuditExitCode.Unreadable);
        }

        try
        {
            return Directory.Exists(Path.Combine(directory, "tile")) ? TileDirectory.Open(directory)
                : File.Exists(Path.Combine(directory, SqliteAuditStore.FileName)) ? SqliteAuditStore.OpenForReading(directory)
                : SegmentAuditStore.OpenForReading(directory);
        }
        catch (AuditStoreException exception)
        {
            throw new CliException(CliHost.Clean(exception.Message), exception.Problem == AuditStoreProblem.Corrupt && Directory.Exists(Path.Combine(directory, "segments")) ? AuditExitCode.Tampered : AuditExitCode.Unreadable);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{InputFile.Name(directory)}: cannot be read: {CliHost.Clean(exception.Message)}", AuditExitCode.Unreadable);
        }
    }

    /// <summary>Opens the store of a directory for writing.</summary>
    internal static IAuditStore OpenForWriting(string directory) =>
        File.Exists(Path.Combine(directory, SqliteAuditStore.FileName)) ? SqliteAuditStore.Open(directory) : SegmentAuditStore.Open(directory);

    private static PostgresAuditStore OpenPostgres(string connection)
    {
        try
        {
            return PostgresAuditStore.OpenForReading(connection);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException or TimeoutException)
        {
            // The connection itself is not repeated: it may hold a password.
            throw new CliException($"The log in PostgreSQL cannot be read: {CliHost.Clean(exception.Message)}", AuditExitCode.Unreadable);
        }
    }

    /// <summary>Finds a record by its index, its id or the id of its decision.</summary>
    internal static (long Index, ReadOnlyMemory<byte> Leaf) Find(IAuditStore store, string name)
    {
        if (long.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long index) && name.Length < 16)
        {
            return index >= store.First && index < store.Size ? (index, store.ReadLeaves(index, 1).Single()) : throw Missing($"The log keeps its records from {store.First} to {store.Size - 1}.");
        }

        RecordFilter filter = new() { Id = name };
        foreach ((long at, ReadOnlyMemory<byte> leaf) in filter.Latest(store, store.Size))
        {
            return (at, leaf);
        }

        throw Missing($"The log has no record '{CliHost.Clean(name)}'. A record is named by its index, its record_id, or the id of its decision (16 hexadecimal digits).");
    }

    private static CliException Missing(string message) => new(message, AuditExitCode.Unreadable);
}
