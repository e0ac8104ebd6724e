using System.CommandLine;
using System.Globalization;
using Agt.Audit;
using Agt.Audit.Notes;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit rotate-key</c>: replaces the key of a log.</summary>
internal static class RotateCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var writable = new WritableLog();
        var overlap = new Option<double>("--overlap") { Description = "How many days the old key signs beside the new one, 0 to 366. 0 if it is in wrong hands.", HelpName = "DAYS", DefaultValueFactory = _ => AuditLog.DefaultOverlap.TotalDays };
        var command = new ExampleCommand(
            "rotate-key",
            "Replace the key of a log. That it was done is recorded, under both keys, and both sign for a while. The log must not be in use; a running host calls AuditLog.RotateKeyAsync. Exits with 0, or 3 if it cannot be done.",
            "agt audit rotate-key audit/ --actor ops --overlap 7")
        {
            directory, overlap,
        };
        writable.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            double days = parsed.GetValue(overlap);
            if (days is not (>= 0 and <= 366))
            {
                throw new CliException($"--overlap is {days.ToString(CultureInfo.InvariantCulture)}; it is a number of days, 0 to 366.", ExitCode.Usage);
            }

            VerifierKey key = await writable.UseAsync(
                host, parsed, parsed.GetRequiredValue(directory), static _ => { },
                log => log.RotateKeyAsync(parsed.GetRequiredValue(writable.Actor), TimeSpan.FromDays(days), cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
            host.Line("The key was replaced. Back the new one up now, and give auditors this line:");
            host.Line(CliHost.Shown(key.ToString()));
            return AuditExitCode.Verified;
        });
        return command;
    }
}
