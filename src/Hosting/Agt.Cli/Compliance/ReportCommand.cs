using System.CommandLine;
using System.Globalization;
using System.Text;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using Agt.Audit.Stores;
using Agt.Cli.Audit;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;
using Spectre.Console;

namespace Agt.Cli.Compliance;

/// <summary><c>agt compliance report</c>: what a verified log says about frameworks.</summary>
internal static class ReportCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var packs = new PackOptions();
        var period = new PeriodOptions();
        var trust = new AuditTrust();
        var format = new Option<string>("--format") { Description = "json (with proofs, for agt compliance verify), markdown or html (one file that needs nothing else). Without it a summary is written.", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("json", "markdown", "html");
        var output = new Option<string>("--out", "-o") { Description = "Where to write the report; its form follows from .json, .md and .html where --format is not given.", HelpName = "FILE" };
        var samples = new Option<int>("--samples") { Description = "How many records for each check, for it and against it, are shown with their proofs: 1 to 100.", HelpName = "COUNT", DefaultValueFactory = _ => 3 };
        var hashesOnly = new Option<bool>("--hashes-only") { Description = "Leave the contents of records out: only their hashes and proofs." };
        Option<string> key = LogKey.Option("The private key of the log, to sign a report in JSON (DSSE, in-toto statement).");
        var record = new Option<bool>("--record") { Description = "With --key: record in the log that the report was made, by its digest. No host may write the log meanwhile." };
        Option<bool> json = CommonOptions.Json("The same as --format json.");
        var command = new ExampleCommand(
            "report",
            "Verify a log and report what its records say about frameworks: every claim with the records that support it, and their proofs. Exits with 0, 1 if the log was tampered with, 3 if something cannot be read, 4 if the log is not signed by who is trusted. A log that does not verify gives no report.",
            """
            agt compliance report audit/ --vkey log.key.pub --framework soc2 --framework gdpr
            agt compliance report audit/ --vkey log.key.pub -f all --from 2026-10-01 --to 2026-12-31 --out report.html
            agt compliance report audit/ --policy trust.txt -f eu_ai_act --key log.key --out report.json
            """)
        {
            directory, format, output, samples, hashesOnly, key, record, json,
        };
        packs.AddTo(command);
        period.AddTo(command);
        trust.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? form = Form(parsed.GetValue(format), parsed.GetValue(output), parsed.GetValue(json));
            IReadOnlyList<CompliancePack> selected = packs.Select(parsed);
            (DateTimeOffset? from, DateTimeOffset? to) = period.Read(parsed);
            if (parsed.GetValue(key) is not null && form != "json")
            {
                throw new CliException("--key signs reports in JSON; give --format json or an --out that ends in .json.", ExitCode.Usage);
            }

            if (parsed.GetValue(record) && parsed.GetValue(key) is null)
            {
                throw new CliException("--record signs and records a report; give --key, too.", ExitCode.Usage);
            }

            using AuditKey? signer = parsed.GetValue(key) is { } keyFile ? await LogKey.ReadAsync(host, keyFile, cancellationToken).ConfigureAwait(false) : null;
            int count = parsed.GetValue(samples);
            if (count is < 1 or > 100)
            {
                throw new CliException("--samples is 1 to 100.", ExitCode.Usage);
            }

            TrustPolicy trusted = await trust.ReadAsync(host, parsed, cancellationToken).ConfigureAwait(false)
                ?? throw new CliException("Say whom to trust: --vkey with the public key of the log, or --policy. A report from a log that nobody vouches for says nothing.", AuditExitCode.NotTrusted);
            string path = parsed.GetRequiredValue(directory);
            ComplianceReport report;
            using (IAuditStore store = LogDirectory.Open(path))
            {
                report = Run(host, store.Size, form is not null, progress => new ComplianceReporter(store, trusted, selected)
                {
                    From = from, To = to, Agent = parsed.GetValue(period.Agent), Samples = count, IncludeRecords = !parsed.GetValue(hashesOnly), Time = host.Time, Progress = progress,
                }.Create(cancellationToken));
            }

            DsseEnvelope? signed = signer is null ? null : Sign(report, signer);
            Write(host, report, form, parsed.GetValue(output), signed);
            if (parsed.GetValue(record))
            {
                await using AuditLog log = LogAppender.Open(host, path, signer!);
                await ReportStatement.RecordAsync(log, signed!, cancellationToken).ConfigureAwait(false);
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    /// <summary>Makes a report, with a bar where a person waits for it.</summary>
    internal static ComplianceReport Run(CliHost host, long size, bool quiet, Func<Action<long>?, ComplianceReport> make)
    {
        try
        {
            if (!host.IsTerminal || quiet)
            {
                return make(null);
            }

            ComplianceReport? report = null;
            host.Terminal.Progress().AutoClear(true).Start(context =>
            {
                ProgressTask task = context.AddTask("records", maxValue: Math.Max(1, 2 * size));
                report = make(count => task.Value = count);
            });
            return report!;
        }
        catch (LogNotVerifiedException exception)
        {
            throw new CliException(CliHost.Clean(exception.Message), exception.IsOnlyUntrusted ? AuditExitCode.NotTrusted : AuditExitCode.Tampered);
        }
    }

    private static string? Form(string? format, string? output, bool json)
    {
        string? form = json ? "json" : format;
        if (json && format is not (null or "json"))
        {
            throw new CliException("--json and --format say different things; give one.", ExitCode.Usage);
        }

        if (form is null && output is not null)
        {
            form = Path.GetExtension(output).ToUpperInvariant() switch
            {
                ".JSON" => "json",
                ".MD" or ".MARKDOWN" => "markdown",
                ".HTML" or ".HTM" => "html",
                _ => throw new CliException("--out has none of the endings .json, .md and .html; give --format.", ExitCode.Usage),
            };
        }

        return form;
    }

    private static void Write(CliHost host, ComplianceReport report, string? form, string? output, DsseEnvelope? signed)
    {
        if (form is null)
        {
            WriteSummary(host, report);
            return;
        }

        byte[] bytes = form switch
        {
            "json" => signed is null ? ReportJson.Write(report) : [.. signed.ToUtf8(), (byte)'\n'],
            "markdown" => Encoding.UTF8.GetBytes(ReportMarkdown.Write(report)),
            _ => Encoding.UTF8.GetBytes(ReportHtml.Write(report)),
        };
        if (output is null)
        {
            host.Output.Write(bytes);
            host.Output.Flush();
        }
        else
        {
            InputFile.Write(output, Encoding.UTF8.GetString(bytes));
            WriteSummary(host, report);
            host.Line($"{CliHost.Shown(output)}: the report");
        }
    }

    private static DsseEnvelope Sign(ComplianceReport report, AuditKey signer)
    {
        try
        {
            return ReportStatement.Sign(report, signer);
        }
        catch (ArgumentException exception)
        {
            throw new CliException(CliHost.Clean(exception.Message), AuditExitCode.NotTrusted);
        }
    }

    private static void WriteSummary(CliHost host, ComplianceReport report)
    {
        Checkpoint checkpoint = report.Checkpoint.Checkpoint;
        host.Line(string.Create(CultureInfo.InvariantCulture, $"[green]verified[/]: {CliHost.Shown(checkpoint.Origin)}, {report.RecordsVerified:N0} records, {report.RecordsConsidered:N0} considered"));
        foreach (FrameworkResult framework in report.Frameworks)
        {
            string score = framework.Score is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.0} % of what was assessed") : "nothing assessed";
            host.Line($"[bold]{CliHost.Shown(framework.Pack.Title)}[/]: {score}");
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  {framework.Met} met, {framework.Partial} partial, {framework.Failed} failed, {framework.NotAssessed} not assessed, of {framework.Total}"));
            foreach (ControlResult control in framework.Controls)
            {
                string color = control.Status switch { ControlStatus.Met => "green", ControlStatus.Failed => "red", ControlStatus.Partial => "yellow", _ => "grey" };
                host.Line($"  [{color}]{ReportNames.Shown(control.Status),-13}[/] {CliHost.Shown(control.Control.ControlId)} {CliHost.Shown(control.Control.Name)}");
            }
        }

        if (report.TotalViolations > 0)
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"{report.TotalViolations} violations, {report.OpenViolations} open"));
        }

        foreach (string recommendation in report.Recommendations)
        {
            host.Line("  " + CliHost.Shown(recommendation));
        }
    }
}
