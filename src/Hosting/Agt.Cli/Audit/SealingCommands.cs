using System.CommandLine;
using Agt.Audit;
using Agt.Audit.Sealing;
using Agt.Audit.Signing;
using Agt.Audit.Stores;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit erase</c>, and how other commands open what was sealed.</summary>
internal static class SealingCommands
{
    private const int MaxKeyBytes = 4_096;

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
        var actor = new Option<string>("--actor") { Description = "Who asked for it.", HelpName = "NAME", Required = true };
        var keyFile = new Option<string?>("--key") { Description = "The log's private key, which signs the record of it. Default: log.key in the directory.", HelpName = "FILE" };
        Option<string> sealKey = KeyOption();
        var command = new ExampleCommand(
            "erase",
            "Make everything that was sealed for a user unreadable for ever, by destroying its key, and record that it was done. Every proof stays valid. The log must not be in use; a running host calls AuditLog.EraseAsync. Exits with 0, or 3 if it cannot be done.",
            "agt audit erase audit/ --subject ann --basis 'GDPR Art. 17' --actor dpo")
        {
            directory, subject, basis, actor, keyFile, sealKey,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            LogDirectory.Open(path).Dispose();
            string from = parsed.GetValue(keyFile) ?? Path.Combine(path, "log.key");
            string text = System.Text.Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, from, MaxKeyBytes, cancellationToken).ConfigureAwait(false));
            if (!AuditKey.TryParse(text, out AuditKey? key))
            {
                throw new CliException($"{InputFile.Name(from)}: this holds no private key of a log.");
            }

            using (key)
            {
                var options = new AuditOptions
                {
                    Directory = path, Origin = key.Key.Name, Context = ContextCapture.Sealed, SealingKeyFile = parsed.GetValue(sealKey),
                    CheckpointCopy = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + ".checkpoint",
                };
                bool erased = await EraseAsync(options, key, host.Time, parsed.GetRequiredValue(subject), parsed.GetRequiredValue(basis), parsed.GetRequiredValue(actor), cancellationToken).ConfigureAwait(false);
                host.Line(erased ? "erased; the record of it is in the log" : "there was nothing sealed for this subject; that it was asked for is in the log");
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    private static async Task<bool> EraseAsync(AuditOptions options, AuditKey key, TimeProvider time, string subject, string basis, string actor, CancellationToken cancellationToken)
    {
        try
        {
            await using AuditLog log = AuditLog.Open(SegmentAuditStore.Open(options.Directory), key, options, time);
            return await log.EraseAsync(subject, basis, actor, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw new CliException(CliHost.Clean(exception.Message));
        }
    }
}
