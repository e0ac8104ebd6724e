using System.CommandLine;
using System.Globalization;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Storage.Sqlite;
using Spectre.Console;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit restore</c>: makes a log again from a backup.</summary>
internal static class RestoreCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> backup = new("backup") { Description = "A published log, an archive, or the directory of another log.", HelpName = "BACKUP" };
        Argument<string> output = new("directory") { Description = "The directory of the log; it must not be there, or be empty.", HelpName = "DIRECTORY" };
        var sqlite = new Option<bool>("--sqlite") { Description = "Make it in SQLite instead of files." };
        var trust = new AuditTrust();
        var command = new ExampleCommand(
            "restore",
            "Make a log again from a backup, after verifying it. Put the log's private key back beside it before a host opens it. What was sealed lies in a backup of its own. Exits with 0, 1 if the backup is not what was signed, 3 if it cannot be done, 4 if nobody who is trusted signed it.",
            "agt audit restore /mnt/cold/audit audit/ --vkey log.key.pub")
        {
            backup, output, sqlite,
        };
        trust.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TrustPolicy trusted = await trust.ReadAsync(host, parsed, cancellationToken).ConfigureAwait(false) ?? throw new CliException("Say whom to trust: --vkey with the public key of the log, or --policy.", AuditExitCode.NotTrusted);
            string to = parsed.GetRequiredValue(output);
            if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any())
            {
                throw new CliException($"{InputFile.Name(to)}: there is something already; a backup is restored into a place of its own.", AuditExitCode.Unreadable);
            }

            using IAuditStore from = LogDirectory.Open(parsed.GetRequiredValue(backup));
            if (SignedCheckpoint.TryParse(from.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out _) && !trusted.IsSatisfiedBy(checkpoint, out string? distrust))
            {
                throw new CliException(CliHost.Clean(distrust), AuditExitCode.NotTrusted);
            }

            long records;
            try
            {
                using IAuditStore target = InputFile.Guard(to, () => parsed.GetValue(sqlite) ? (IAuditStore)SqliteAuditStore.Open(to) : SegmentAuditStore.Open(to));
                records = Run(host, progress => LogBackup.Restore(from, target, trusted, progress, cancellationToken), from.Size);
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                throw new CliException(CliHost.Clean(exception.Message), exception is InvalidDataException ? AuditExitCode.Tampered : AuditExitCode.Unreadable);
            }

            host.Line(string.Create(CultureInfo.InvariantCulture, $"{CliHost.Shown(to)}: verified and restored, {records} records; put the log's private key back before a host opens it"));
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static long Run(CliHost host, Func<Action<long>?, long> restore, long size)
    {
        if (!host.IsTerminal)
        {
            return restore(null);
        }

        long records = 0;
        host.Terminal.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("records", maxValue: Math.Max(1, size));
            records = restore(count => task.Value = count);
        });
        return records;
    }
}
