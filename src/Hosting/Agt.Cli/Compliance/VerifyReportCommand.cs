using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Cli.Audit;
using Agt.Compliance.Attestation;
using Agt.Compliance.Reports;

namespace Agt.Cli.Compliance;

/// <summary><c>agt compliance verify</c>: does a report say what the log it names proves?</summary>
internal static class VerifyReportCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> file = new("report") { Description = "The report or attestation as JSON; - for standard input.", HelpName = "REPORT" };
        var trust = new AuditTrust();
        var unsigned = new Option<bool>("--allow-unsigned") { Description = "Be content with proofs where the report as a whole is not signed: nobody vouches then for its counts and texts." };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "verify",
            "Check a report or an attestation with nothing but the log's public key: its signature, the checkpoint's signature, the proof of every record shown, that each record is what it is shown for, and that statuses and scores follow. Exits with 0 if it holds, 1 if not, 3 if it cannot be read, 4 if report or log are not signed by who is trusted.",
            "agt compliance verify report.json --vkey log.key.pub")
        {
            file, unsigned, json,
        };
        trust.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TrustPolicy trusted = await trust.ReadAsync(host, parsed, cancellationToken).ConfigureAwait(false)
                ?? throw new CliException("Say whom to trust: --vkey with the public key of the log, or --policy.", AuditExitCode.NotTrusted);
            byte[] bytes = await InputFile.ReadAllAsync(host, parsed.GetRequiredValue(file), ReportVerifier.MaxBytes, cancellationToken).ConfigureAwait(false);
            ReportVerification result = AttestationVerifier.IsAttestation(bytes) ? AttestationVerifier.Verify(bytes, trusted) : ReportVerifier.Verify(bytes, trusted);
            int code = !result.IsValid ? AuditExitCode.Tampered : result.IsTrusted && (result.SignedBy is not null || parsed.GetValue(unsigned)) ? AuditExitCode.Verified : AuditExitCode.NotTrusted;
            if (parsed.GetValue(json))
            {
                WriteJson(host, result, code);
            }
            else
            {
                WriteText(host, result, code);
            }

            return code;
        });
        return command;
    }

    private static void WriteText(CliHost host, ReportVerification result, int code)
    {
        host.Line(code switch { AuditExitCode.Verified => "[green]verified[/]", AuditExitCode.Tampered => "[red]does not hold[/]", _ => "[yellow]not trusted[/]" } + (result.Checkpoint is { } checkpoint ? $": what is said of {CliHost.Shown(checkpoint.Checkpoint.Origin)}" : string.Empty));
        if (result.Checkpoint is { } of)
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  checkpoint of {of.Checkpoint.Size} records; {result.Proofs} proofs checked, {result.Claims} claims compared with their records"));
        }

        foreach (string problem in result.Problems)
        {
            host.Line("  " + CliHost.Shown(problem));
        }

        if (code == AuditExitCode.NotTrusted)
        {
            host.Line(result.IsTrusted
                ? "  The report is not signed, so that nobody vouches for its counts and texts: make it with --key, or be content with --allow-unsigned."
                : "  The checkpoint of the report is not signed by who is trusted.");
        }
    }

    private static void WriteJson(CliHost host, ReportVerification result, int code)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteString("result", code switch { AuditExitCode.Verified => "verified", AuditExitCode.Tampered => "tampered", _ => "not_trusted" });
            writer.WriteBoolean("valid", result.IsValid);
            writer.WriteBoolean("trusted", result.IsTrusted);
            writer.WriteBoolean("signed", result.SignedBy is not null);
            if (result.Checkpoint is { } checkpoint)
            {
                writer.WriteString("origin", checkpoint.Checkpoint.Origin);
                writer.WriteNumber("checkpoint_size", checkpoint.Checkpoint.Size);
            }

            writer.WriteNumber("proofs", result.Proofs);
            writer.WriteNumber("claims", result.Claims);
            writer.WriteStartArray("problems");
            foreach (string problem in result.Problems)
            {
                writer.WriteStringValue(problem);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }
}
