using System.CommandLine;
using System.Globalization;
using Agt.Audit.Import;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit import</c>: takes the hash chain of the older toolkit into a log.</summary>
internal static class ImportCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> file = new("file") { Description = "The chain: JSON lines of the older toolkit, with entry_hash and previous_hash.", HelpName = "FILE" };
        var writable = new WritableLog();
        var check = new Option<bool>("--check") { Description = "Only verify the chain." };
        var command = new ExampleCommand(
            "import",
            "Verify a hash chain of the older toolkit and append its entries, as records of the kind 'imported'. What its hashes do not cover (decision, rule, trace, session, target) is marked as unattested. The log must not be in use. Exits with 0, 1 if the chain was changed, 3 if it cannot be done.",
            "agt audit import audit/ old-audit.jsonl --actor ops")
        {
            directory, file, check,
        };
        writable.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string from = parsed.GetRequiredValue(file);
            try
            {
                if (!File.Exists(from))
                {
                    throw new CliException($"{InputFile.Name(from)}: there is no such file.", AuditExitCode.Unreadable);
                }

                long verified = await LegacyChain.VerifyAsync(from, cancellationToken).ConfigureAwait(false);
                if (parsed.GetValue(check))
                {
                    host.Line(string.Create(CultureInfo.InvariantCulture, $"verified: {verified} entries"));
                    return AuditExitCode.Verified;
                }
            }
            catch (InvalidDataException exception)
            {
                throw new CliException(CliHost.Clean(exception.Message), AuditExitCode.Tampered);
            }

            long count = await writable.UseAsync(
                host, parsed, parsed.GetRequiredValue(directory), static _ => { },
                log => LegacyChain.ImportAsync(log, from, parsed.GetRequiredValue(writable.Actor), null, cancellationToken), cancellationToken).ConfigureAwait(false);
            host.Line(string.Create(CultureInfo.InvariantCulture, $"verified and imported: {count} entries"));
            return AuditExitCode.Verified;
        });
        return command;
    }
}
