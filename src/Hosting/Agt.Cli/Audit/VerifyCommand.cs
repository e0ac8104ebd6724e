using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Verification;
using Spectre.Console;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit verify</c>: is every record the one that was signed?</summary>
internal static class VerifyCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var trust = new AuditTrust();
        var since = new Option<string>("--since") { Description = "A checkpoint that was verified before: only what came after it is read again.", HelpName = "FILE" };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "verify",
            "Verify a log: hash every record again and hold the tree against the signed checkpoint. Works offline and changes nothing. Exits with 0 if verified, 1 if tampered with, 3 if it cannot be read, 4 if the checkpoint is not signed by who is trusted.",
            """
            agt audit verify audit/ --vkey audit.example.org/prod+530d903a+Aekye...
            agt audit verify audit/ --policy trust.txt --since last-audit.checkpoint
            agt audit verify audit/ --vkey log.key.pub --json
            """)
        {
            directory, since, json,
        };
        trust.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            TrustPolicy? trusted = await trust.ReadAsync(host, parsed, cancellationToken).ConfigureAwait(false);
            SignedCheckpoint? from = parsed.GetValue(since) is { } file ? await CheckpointAsync(host, file, cancellationToken).ConfigureAwait(false) : null;
            using IAuditStore store = LogDirectory.Open(path);
            bool ownKey = trusted is null;
            trusted ??= OwnKey(path);
            LogVerification result = Run(host, store, trusted, from, parsed.GetValue(json), cancellationToken);
            int code = !result.IsValid && (result.FailedIndex is not null || (result.IsTrusted && result.Error is not null) || result.Checkpoint is null) ? AuditExitCode.Tampered
                : !result.IsTrusted || ownKey ? AuditExitCode.NotTrusted : AuditExitCode.Verified;
            if (parsed.GetValue(json))
            {
                WriteJson(host, result, code, ownKey);
            }
            else
            {
                WriteText(host, result, code, ownKey);
            }

            return code;
        });
        return command;
    }

    private static LogVerification Run(CliHost host, IAuditStore store, TrustPolicy trust, SignedCheckpoint? since, bool json, CancellationToken cancellationToken)
    {
        if (!host.IsTerminal || json)
        {
            return new LogVerifier(store, trust) { Since = since }.Verify(cancellationToken);
        }

        LogVerification? result = null;
        host.Terminal.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask("records", maxValue: Math.Max(1, store.Size - (since?.Checkpoint.Size ?? 0)));
            result = new LogVerifier(store, trust) { Since = since, Progress = count => task.Value = count }.Verify(cancellationToken);
        });
        return result!;
    }

    private static async Task<SignedCheckpoint> CheckpointAsync(CliHost host, string file, CancellationToken cancellationToken) =>
        SignedCheckpoint.TryParse(await InputFile.ReadAllAsync(host, file, SignedNote.MaxBytes, cancellationToken).ConfigureAwait(false), out SignedCheckpoint? checkpoint, out string? error)
            ? checkpoint
            : throw new CliException($"{InputFile.Name(file)}: this is no checkpoint. {CliHost.Clean(error)}", AuditExitCode.Unreadable);

    /// <summary>The key that lies with the log: good enough to see whether the log is in itself sound, not to trust it.</summary>
    private static TrustPolicy OwnKey(string directory)
    {
        string file = Path.Combine(directory, "log.key.pub");
        return File.Exists(file) && new FileInfo(file).Length < 4_096 && VerifierKey.TryParse(File.ReadAllText(file).Trim(), out VerifierKey? key)
            ? TrustPolicy.Of(key)
            : throw new CliException("Say whom to trust: --vkey with the public key of the log, or --policy.", AuditExitCode.NotTrusted);
    }

    private static void WriteText(CliHost host, LogVerification result, int code, bool ownKey)
    {
        Checkpoint? checkpoint = result.Checkpoint?.Checkpoint;
        host.Line(code switch
        {
            AuditExitCode.Verified => "[green]verified[/]",
            AuditExitCode.Tampered => "[red]tampered with[/]",
            _ => "[yellow]not trusted[/]",
        } + (checkpoint is null ? string.Empty : $": {CliHost.Shown(checkpoint.Origin)}"));
        if (result.Error is not null)
        {
            host.Line("  " + CliHost.Shown(result.Error));
        }

        host.Line(string.Create(CultureInfo.InvariantCulture, $"  {result.EntriesVerified} records hashed, root {result.Root}"));
        if (checkpoint is not null)
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  checkpoint of {checkpoint.Size} records"));
        }

        if (ownKey && code == AuditExitCode.NotTrusted && result.IsValid)
        {
            host.Line("  The log is sound by the key that lies in its own directory, which proves nothing to others: give --vkey or --policy.");
        }

        foreach (IGrouping<string, LogFinding> group in result.Findings.GroupBy(finding => finding.Kind))
        {
            LogFinding first = group.First();
            string more = group.Count() > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({group.Count()} times)") : string.Empty;
            string where = first.Index >= 0 ? string.Create(CultureInfo.InvariantCulture, $" at record {first.Index}") : string.Empty;
            host.Line($"  {CliHost.Shown(first.Severity)}: {CliHost.Shown(first.Kind)}{where}{more}: {CliHost.Shown(first.Detail)}");
        }
    }

    private static void WriteJson(CliHost host, LogVerification result, int code, bool ownKey)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteString("result", code switch { AuditExitCode.Verified => "verified", AuditExitCode.Tampered => "tampered", _ => "not_trusted" });
            writer.WriteBoolean("valid", result.IsValid && !ownKey);
            writer.WriteNumber("entries_verified", result.EntriesVerified);
            writer.WriteString("root", result.Root.ToString());
            if (result.Checkpoint?.Checkpoint is { } checkpoint)
            {
                writer.WriteString("origin", checkpoint.Origin);
                writer.WriteNumber("checkpoint_size", checkpoint.Size);
            }

            if (result.FailedIndex is { } index)
            {
                writer.WriteNumber("failed_index", index);
            }

            if (result.Error is not null)
            {
                writer.WriteString("error", result.Error);
            }

            writer.WriteNumber("finding_count", result.FindingCount);
            writer.WriteStartArray("findings");
            foreach (LogFinding finding in result.Findings)
            {
                writer.WriteStartObject();
                writer.WriteString("kind", finding.Kind);
                writer.WriteNumber("index", finding.Index);
                writer.WriteString("severity", finding.Severity);
                writer.WriteString("detail", finding.Detail);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }
}
