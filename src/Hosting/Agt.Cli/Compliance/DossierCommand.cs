using System.CommandLine;
using System.Globalization;
using System.Text;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using Agt.Audit.Stores;
using Agt.Cli.Audit;
using Agt.Compliance.Dossiers;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;

namespace Agt.Cli.Compliance;

/// <summary><c>agt compliance dossier</c>: technical documentation as Annex IV of the EU AI Act asks for it.</summary>
internal static class DossierCommand
{
    private const int MaxFile = 10 * 1024 * 1024;
    private const int MaxFiles = 1_000;

    internal static Command Create(CliHost host)
    {
        var provider = new Option<string>("--provider") { Description = "What the provider says (agt-dossier/v1): the system, and texts of sections.", HelpName = "FILE" };
        var policies = new Option<string[]>("--policies") { Description = "Policy files, or directories of them.", HelpName = "PATH" };
        var directory = new Option<string>("--log", "-l") { Description = "The directory of the log; it is verified first.", HelpName = "DIRECTORY" };
        var reports = new Option<string[]>("--report") { Description = "A signed report that was made before.", HelpName = "FILE" };
        var slo = new Option<string[]>("--slo") { Description = "Service level objectives with what was reached, in YAML or JSON.", HelpName = "FILE" };
        var output = new Option<string>("--out", "-o") { Description = "Where to write the Markdown; the manifest goes beside it, with .manifest.json behind its name.", HelpName = "FILE", Required = true };
        Option<string> key = LogKey.Option("The private key of the log: the manifest is signed and its digest recorded in the log, which no host may write meanwhile.");
        Option<bool> json = CommonOptions.Json("Write the manifest to standard output, too.");
        var period = new PeriodOptions();
        var trust = new AuditTrust();
        var command = new ExampleCommand(
            "dossier",
            "Make technical documentation (EU AI Act, Annex IV): nine sections, each with what is known, where that is from, and what the provider has to add. What cannot be read is a warning in the manifest. Exits with 0, 1 if the log was tampered with, 3 if something cannot be read, 4 if the log is not signed by who is trusted.",
            "agt compliance dossier --provider provider.yaml --policies policies/ --log audit/ --vkey log.key.pub --slo slo.yaml --key log.key --out dossier.md")
        {
            provider, policies, directory, reports, slo, output, key, json,
        };
        period.AddTo(command);
        trust.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? path = parsed.GetValue(directory);
            if (parsed.GetValue(key) is not null && path is null)
            {
                throw new CliException("--key records the manifest in a log; say which by --log.", ExitCode.Usage);
            }

            TrustPolicy? trusted = await trust.ReadAsync(host, parsed, cancellationToken).ConfigureAwait(false);
            (DateTimeOffset? from, DateTimeOffset? to) = period.Read(parsed);
            ComplianceReport? report = null;
            if (path is not null)
            {
                using IAuditStore store = LogDirectory.Open(path);
                TrustPolicy believed = trusted ?? throw new CliException("Say whom to trust: --vkey with the public key of the log, or --policy.", AuditExitCode.NotTrusted);
                report = ReportCommand.Run(host, store.Size, parsed.GetValue(json), progress => new ComplianceReporter(store, believed, PackLibrary.BuiltIn().Select(["eu_ai_act"]))
                {
                    From = from, To = to, Agent = parsed.GetValue(period.Agent), Time = host.Time, Progress = progress,
                }.Create(cancellationToken));
            }

            var inputs = new DossierInputs
            {
                Provider = parsed.GetValue(provider) is { } file ? (Path.GetFileName(file), await InputFile.ReadAllAsync(host, file, MaxFile, cancellationToken).ConfigureAwait(false)) : null,
                Policies = await FilesAsync(host, parsed.GetValue(policies) ?? [], MaxFile, cancellationToken).ConfigureAwait(false),
                Reports = await FilesAsync(host, parsed.GetValue(reports) ?? [], ReportVerifier.MaxBytes, cancellationToken).ConfigureAwait(false),
                Slo = await FilesAsync(host, parsed.GetValue(slo) ?? [], MaxFile, cancellationToken).ConfigureAwait(false),
                Log = report,
                Trust = trusted,
            };
            AnnexIvDossier dossier = PackOptions.Guard(() => new DossierBuilder(host.Time).Build(inputs));
            string markdown = parsed.GetRequiredValue(output);
            byte[] manifest = dossier.ToManifest();
            if (parsed.GetValue(key) is { } keyFile)
            {
                using AuditKey signer = await LogKey.ReadAsync(host, keyFile, cancellationToken).ConfigureAwait(false);
                await using AuditLog log = LogAppender.Open(host, path!, signer);
                DsseEnvelope envelope = await dossier.RecordAsync(log, signer, cancellationToken).ConfigureAwait(false);
                InputFile.Write(markdown + ".manifest.dsse.json", Encoding.UTF8.GetString(envelope.ToUtf8()) + "\n");
            }

            InputFile.Write(markdown, dossier.ToMarkdown());
            InputFile.Write(markdown + ".manifest.json", Encoding.UTF8.GetString(manifest));
            if (parsed.GetValue(json))
            {
                host.Output.Write(manifest);
                host.Output.Flush();
            }
            else
            {
                WriteText(host, dossier, markdown);
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    private static async Task<IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)>> FilesAsync(CliHost host, IEnumerable<string> paths, int most, CancellationToken cancellationToken)
    {
        var files = new List<(string, ReadOnlyMemory<byte>)>();
        foreach (string path in paths)
        {
            string[] found = Directory.Exists(path)
                ? InputFile.Guard(path, () => Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".yaml" or ".yml" or ".json").Order(StringComparer.Ordinal).Take(MaxFiles + 1).ToArray())
                : [path];
            foreach (string file in found)
            {
                if (files.Count == MaxFiles)
                {
                    throw new CliException($"There are more than {MaxFiles} files.", AuditExitCode.Unreadable);
                }

                files.Add((Path.GetFileName(file), await InputFile.ReadAllAsync(host, file, most, cancellationToken).ConfigureAwait(false)));
            }
        }

        return files;
    }

    private static void WriteText(CliHost host, AnnexIvDossier dossier, string file)
    {
        foreach (DossierSection section in dossier.Sections)
        {
            host.Line($"  {(section.ProviderActionRequired ? "[yellow]provider has to act[/]" : "[green]complete[/]           ")} {section.Number}. {CliHost.Shown(section.Title)}");
        }

        foreach (string warning in dossier.Warnings)
        {
            host.Line("  [yellow]warning[/]: " + CliHost.Shown(warning));
        }

        host.Line(string.Create(CultureInfo.InvariantCulture, $"{CliHost.Shown(file)}: the dossier, from {dossier.Artefacts.Count} sources; {dossier.Sections.Sum(section => section.Gaps.Count)} gaps"));
    }
}
