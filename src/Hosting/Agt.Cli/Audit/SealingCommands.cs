using System.CommandLine;
using Agt.Audit;
using Agt.Audit.Sealing;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit erase</c>, and how other commands open what was sealed.</summary>
internal static class SealingCommands
{
    internal static Option<string> KeyOption() => new("--seal-key") { Description = "The sealing key: opens arguments that were sealed.", HelpName = "FILE" };

    /// <summary>Opens what was sealed beside a log; null if no key was given.</summary>
    internal static SealedLog? Open(string directory, string? keyFile)
    {
        if (keyFile is null)
        {
            return null;
        }

        try
        {
            return SealedLog.Open(directory, keyFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliHost.Clean(exception.Message));
        }
    }

    internal static Command Erase(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var subject = new Option<string>("--subject") { Description = "The user or agent whose sealed arguments are made unreadable.", HelpName = "NAME", Required = true };
        var basis = new Option<string>("--basis") { Description = "Why, for example 'GDPR Art. 17'.", HelpName = "TEXT", Required = true };
        var writable = new WritableLog();
        Option<string> sealKey = KeyOption();
        var command = new ExampleCommand(
            "erase",
            "Make everything that was sealed for a user unreadable for ever, by destroying its key, and record that it was done. Every proof stays valid. The log must not be in use; a running host calls AuditLog.EraseAsync. Exits with 0, or 3 if it cannot be done.",
            "agt audit erase audit/ --subject ann --basis 'GDPR Art. 17' --actor dpo")
        {
            directory, subject, basis, sealKey,
        };
        writable.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            bool erased = await writable.UseAsync(
                host, parsed, path,
                options =>
                {
                    options.Context = ContextCapture.Sealed;
                    options.SealingKeyFile = parsed.GetValue(sealKey);
                },
                log => log.EraseAsync(parsed.GetRequiredValue(subject), parsed.GetRequiredValue(basis), parsed.GetRequiredValue(writable.Actor), cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
            host.Line(erased ? "erased; the record of it is in the log" : "there was nothing sealed for this subject; that it was asked for is in the log");
            return AuditExitCode.Verified;
        });
        return command;
    }
}
