using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Cli.Audit;
using Agt.Compliance.Attestation;
using Agt.Compliance.Packs;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Cli.Compliance;

/// <summary><c>agt compliance attest</c>: live probes, recorded in the log, and a signed statement of what they showed.</summary>
internal static class AttestCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string> directory = new("directory") { Description = "The directory of the log that the outcomes are recorded in; no host may write it meanwhile.", HelpName = "DIRECTORY" };
        Option<string> key = LogKey.Option("The private key of the log.");
        key.Required = true;
        Option<string[]> policies = CommonOptions.Policies();
        var evidence = new Option<string>("--evidence") { Description = "A directory with evidence.yaml (agt-runtime-evidence/v1): what the host says of itself. It is looked at, and no control passes by it.", HelpName = "DIRECTORY" };
        var framework = new Option<string>("--framework", "-f") { Description = "The framework whose controls are attested.", HelpName = "NAME", DefaultValueFactory = _ => "owasp_asi_2026" };
        var output = new Option<string>("--out", "-o") { Description = "Where to write the signed statement (DSSE, in-toto).", HelpName = "FILE" };
        var agent = new Option<string>("--agent") { Description = "The agent to probe as: one that the policies let start.", HelpName = "AGENT", DefaultValueFactory = _ => "agt-probe" };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "attest",
            "Run live probes against a chain with your policies, record what came of each in the log, and sign a statement of it. A control passes by a probe that was withstood and recorded, never by what is merely there. A host attests itself, with probes of its own, by Attestor. Exits with 0, 1 if a probe was not withstood or the log was tampered with, 3 if something cannot be read, 4 if the key is that of another log.",
            "agt compliance attest audit/ --key log.key --policy policies/ --agent billing-1 --evidence evidence/ --out attestation.json")
        {
            directory, key, policies, evidence, framework, agent, output, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!AgentId.TryParse(parsed.GetRequiredValue(agent), out AgentId? prober))
            {
                throw new CliException($"'{CliHost.Clean(parsed.GetValue(agent))}' is no id of an agent.", ExitCode.Usage);
            }

            string[] paths = parsed.GetRequiredValue(policies);
            LoadedPolicies.Require(host, paths);
            CompliancePack pack = PackLibrary.BuiltIn().Packs.GetValueOrDefault(parsed.GetRequiredValue(framework)) ?? throw new CliException($"There is no framework '{CliHost.Clean(parsed.GetValue(framework))}'.", ExitCode.Usage);
            RuntimeEvidence? read = parsed.GetValue(evidence) is { } folder ? PackOptions.Guard(() => InputFile.Guard(folder, () => RuntimeEvidence.Read(folder))) : null;
            using AuditKey signer = await LogKey.ReadAsync(host, parsed.GetRequiredValue(key), cancellationToken).ConfigureAwait(false);
            await using AuditLog log = LogAppender.Open(host, parsed.GetRequiredValue(directory), signer);
            var services = new ServiceCollection();
            IGovernanceBuilder builder = services.AddGovernance().UseDecisionLog(new AuditDecisionLog(log));
            foreach (string path in paths)
            {
                builder.AddPolicy(path);
            }

            await using ServiceProvider provider = services.BuildServiceProvider();
            RuntimeAttestation attestation = await new Attestor(log, signer, host.Time).AttestAsync(pack, StandardProbes.For(provider.GetRequiredService<IGovernance>(), log, prober), read, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) is { } file)
            {
                InputFile.Write(file, Encoding.UTF8.GetString(attestation.Envelope.ToUtf8()) + "\n");
            }

            if (parsed.GetValue(json))
            {
                WriteJson(host, attestation);
            }
            else
            {
                WriteText(host, attestation);
            }

            return attestation.Probes.All(probe => probe.Passed) ? AuditExitCode.Verified : AuditExitCode.Tampered;
        });
        return command;
    }

    private static void WriteText(CliHost host, RuntimeAttestation attestation)
    {
        host.Line(string.Create(CultureInfo.InvariantCulture, $"grade [bold]{attestation.Grade}[/]: {attestation.Percentage} % of the controls passed by live probes"));
        foreach (ProbeOutcome probe in attestation.Probes)
        {
            host.Line(string.Create(CultureInfo.InvariantCulture, $"  {(probe.Passed ? "[green]withstood[/]    " : "[red]not withstood[/]")} {CliHost.Shown(probe.Name)} (record {probe.Receipt.Index}): {CliHost.Shown(probe.Detail)}"));
        }

        foreach (AttestedControl control in attestation.Controls)
        {
            host.Line($"  {(control.Passed ? "[green]passed[/]    " : !attestation.Probes.Any(probe => control.Probes.Contains(probe.Name)) ? "[grey]not probed[/]" : "[red]failed[/]    ")} {CliHost.Shown(control.ControlId)} {CliHost.Shown(control.Name)}");
        }

        foreach (EvidenceCheck check in attestation.Evidence)
        {
            host.Line($"  {(check.Passed ? "[green]present[/]" : "[yellow]missing[/]")} {check.Name}: {CliHost.Shown(check.Detail)}");
        }
    }

    private static void WriteJson(CliHost host, RuntimeAttestation attestation)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteString("grade", attestation.Grade.ToString());
            writer.WriteNumber("percentage", attestation.Percentage);
            writer.WriteStartArray("probes");
            foreach (ProbeOutcome probe in attestation.Probes)
            {
                writer.WriteStartObject();
                writer.WriteString("name", probe.Name);
                writer.WriteBoolean("passed", probe.Passed);
                writer.WriteString("detail", probe.Detail);
                writer.WriteNumber("index", probe.Receipt.Index);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("controls");
            foreach (AttestedControl control in attestation.Controls)
            {
                writer.WriteStartObject();
                writer.WriteString("control_id", control.ControlId);
                writer.WriteBoolean("passed", control.Passed);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("evidence");
            foreach (EvidenceCheck check in attestation.Evidence)
            {
                writer.WriteStartObject();
                writer.WriteString("name", check.Name);
                writer.WriteBoolean("present", check.Passed);
                writer.WriteString("detail", check.Detail);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }
}
