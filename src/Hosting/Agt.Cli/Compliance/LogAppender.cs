using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Cli.Audit;

namespace Agt.Cli.Compliance;

/// <summary>Opens a log to add records to it, while no host writes it.</summary>
internal static class LogAppender
{
    internal static AuditLog Open(CliHost host, string directory, AuditKey key)
    {
        if (!Directory.Exists(directory))
        {
            throw new CliException($"{InputFile.Name(directory)}: there is no such directory.", AuditExitCode.Unreadable);
        }

        // A slip in the path must not make a new log, nor one inside of a published one.
        using (IAuditStore there = LogDirectory.Open(directory))
        {
            if (there.ReadCheckpoint().IsEmpty || Directory.Exists(Path.Combine(directory, "tile")))
            {
                throw new CliException($"{InputFile.Name(directory)}: there is no log that can be written.", AuditExitCode.Unreadable);
            }
        }

        IAuditStore? store = null;
        try
        {
            store = LogDirectory.OpenForWriting(directory);
            AuditLog log = AuditLog.Open(store, key, new AuditOptions { Directory = directory, Origin = key.Key.Name, CheckpointCopy = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + ".checkpoint" }, host.Time);
            store = null;
            return log;
        }
        catch (AuditStoreException exception)
        {
            throw new CliException(CliHost.Clean(exception.Message), exception.Problem switch
            {
                AuditStoreProblem.Tampered or AuditStoreProblem.Truncated or AuditStoreProblem.RolledBack or AuditStoreProblem.Corrupt => AuditExitCode.Tampered,
                AuditStoreProblem.Key => AuditExitCode.NotTrusted,
                _ => AuditExitCode.Unreadable,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{InputFile.Name(directory)}: cannot be opened: {CliHost.Clean(exception.Message)}", AuditExitCode.Unreadable);
        }
        finally
        {
            store?.Dispose();
        }
    }
}
