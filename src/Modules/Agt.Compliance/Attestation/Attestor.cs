using System.Security.Cryptography;
using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using Agt.Compliance.Engine;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Attestation;

/// <summary>Runs live probes, records them, and signs what they showed. A control passes by a recorded outcome of a probe and by nothing else. Thread-safe.</summary>
/// <param name="log">The log of the host.</param>
/// <param name="signer">The signer of that log.</param>
/// <param name="time">The clock; null for that of the system.</param>
public sealed class Attestor(AuditLog log, IAuditSigner signer, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Attests.</summary>
    /// <param name="pack">The framework: its controls name their probes.</param>
    /// <param name="probes">The probes that can be run here.</param>
    /// <param name="evidence">What the host says of itself, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The log cannot take a record, or the signer cannot be reached.</exception>
    public async ValueTask<RuntimeAttestation> AttestAsync(CompliancePack pack, IReadOnlyList<IComplianceProbe> probes, RuntimeEvidence? evidence = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pack);
        IReadOnlyList<ProbeOutcome> outcomes = await new ProbeRunner(log, _time).RunAsync(probes, cancellationToken).ConfigureAwait(false);
        AttestedControl[] controls = [.. pack.Controls.Select(control => Judge(control, outcomes))];
        SignedCheckpoint checkpoint = log.Checkpoint;
        byte[] predicate = Write(pack, controls, outcomes, evidence);
        DsseEnvelope envelope = signer.Sign(new InTotoStatement([new StatementSubject(checkpoint.Checkpoint.Origin, checkpoint.Checkpoint.Root)], RuntimeAttestation.PredicateType, predicate));
        var attestation = new RuntimeAttestation { Controls = controls, Probes = outcomes, Evidence = evidence?.Checks ?? [], Envelope = envelope };
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ComplianceEvents.Framework] = pack.Framework, [ComplianceEvents.Sha256] = Convert.ToHexStringLower(SHA256.HashData(envelope.Payload.Span)), ["agt.grade"] = attestation.Grade.ToString(),
        };
        await log.AppendAsync(new AuditEvent("event", ComplianceEvents.Attestation, "attest") { Attributes = attributes }, cancellationToken).ConfigureAwait(false);
        return attestation;
    }

    /// <summary>The probes that the checks of a control ask for.</summary>
    internal static IEnumerable<string> ProbesOf(ComplianceControl control) => control.Checks
        .Where(check => check.Among.Tests.Any(test => test is { Field: "event_type", Negated: false } && test.Values.Contains(ComplianceEvents.Probe)))
        .SelectMany(check => check.Among.Tests.Where(test => test is { Field: "attributes." + ComplianceEvents.ProbeName, Negated: false }).SelectMany(test => test.Values))
        .Distinct(StringComparer.Ordinal);

    private static AttestedControl Judge(ComplianceControl control, IReadOnlyList<ProbeOutcome> outcomes)
    {
        string[] wanted = [.. ProbesOf(control)];
        return new AttestedControl(control.ControlId, control.Name, wanted.Length > 0 && wanted.All(name => outcomes.Any(outcome => outcome.Name == name && outcome.Passed)), wanted);
    }

    private byte[] Write(CompliancePack pack, AttestedControl[] controls, IReadOnlyList<ProbeOutcome> outcomes, RuntimeEvidence? evidence)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", RuntimeEvidence.Schema);
            writer.WriteString("generated_at", ReportNames.Of(_time.GetUtcNow()));
            writer.WriteString("framework", pack.Framework);
            writer.WriteString("framework_version", pack.Version);
            int percentage = RuntimeAttestation.PercentageOf(controls.Count(control => control.Passed), controls.Length);
            writer.WriteNumber("percentage", percentage);
            writer.WriteString("grade", RuntimeAttestation.GradeOf(percentage).ToString());
            writer.WriteStartArray("controls");
            foreach (AttestedControl control in controls)
            {
                writer.WriteStartObject();
                writer.WriteString("control_id", control.ControlId);
                writer.WriteString("name", control.Name);
                writer.WriteBoolean("passed", control.Passed);
                writer.WriteStartArray("probes");
                foreach (string probe in control.Probes)
                {
                    writer.WriteStringValue(probe);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("probes");
            foreach (ProbeOutcome outcome in outcomes)
            {
                writer.WriteStartObject();
                writer.WriteString("name", outcome.Name);
                writer.WriteBoolean("passed", outcome.Passed);
                writer.WriteString("detail", outcome.Detail);
                writer.WriteNumber("index", outcome.Receipt.Index);
                writer.WriteString("receipt", outcome.Receipt.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            WriteEvidence(writer, evidence);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteEvidence(Utf8JsonWriter writer, RuntimeEvidence? evidence)
    {
        writer.WriteStartArray("evidence");
        foreach (EvidenceCheck check in evidence?.Checks ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", check.Name);
            writer.WriteBoolean("present", check.Passed);
            writer.WriteString("detail", check.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("policy_files");
        foreach (PackSource file in evidence?.Files ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", file.Name);
            writer.WriteString("sha256", file.Sha256);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("packages");
        foreach ((string name, string version) in evidence?.Packages ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("version", version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
