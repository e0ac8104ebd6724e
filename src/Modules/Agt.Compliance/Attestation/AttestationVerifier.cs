using System.Text;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Statements;
using Agt.Compliance.Engine;
using Agt.Compliance.Evidence;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Attestation;

/// <summary>
/// Checks an attestation with nothing but whom to trust: its signature, the proof of every probe's record, that the record says what is claimed, and that controls and grade follow from the probes. Thread-safe;
/// anything malformed is a problem in the result, never an exception.
/// </summary>
public static class AttestationVerifier
{
    /// <summary>Whether an envelope claims to hold an attestation. Nothing of it is checked.</summary>
    /// <param name="utf8">The bytes.</param>
    public static bool IsAttestation(ReadOnlyMemory<byte> utf8) =>
        DsseEnvelope.TryParse(utf8, out DsseEnvelope? envelope, out _) && InTotoStatement.TryParse(envelope.Payload, out InTotoStatement? statement, out _) && statement.PredicateType == RuntimeAttestation.PredicateType;

    /// <summary>Checks an attestation.</summary>
    /// <param name="utf8">The envelope, as <see cref="DsseEnvelope.ToUtf8"/> wrote it.</param>
    /// <param name="trust">Whose checkpoints are believed, and whose signatures.</param>
    public static ReportVerification Verify(ReadOnlyMemory<byte> utf8, TrustPolicy trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var problems = new List<string>();
        VerifierKey? signedBy = null;
        SignedCheckpoint? checkpoint = null;
        bool trusted = true;
        int proofs = 0;
        try
        {
            if (!DsseEnvelope.TryParse(utf8, out DsseEnvelope? envelope, out string? error) || !InTotoStatement.TryParse(envelope.Payload, out InTotoStatement? statement, out error))
            {
                return new ReportVerification(false, false, null, null, 0, 0, [error]);
            }

            signedBy = trust.Logs.FirstOrDefault(envelope.IsSignedBy);
            if (envelope.PayloadType != InTotoStatement.PayloadType || statement.PredicateType != RuntimeAttestation.PredicateType)
            {
                problems.Add("The envelope holds no attestation.");
            }

            using JsonDocument document = JsonDocument.Parse(statement.Predicate, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            var outcomes = new Dictionary<string, bool>(StringComparer.Ordinal);
            foreach (JsonElement probe in document.RootElement.GetProperty("probes").EnumerateArray())
            {
                string name = probe.GetProperty("name").GetString()!;
                bool passed = probe.GetProperty("passed").GetBoolean();
                if (!Receipt.TryParse(Encoding.UTF8.GetBytes(probe.GetProperty("receipt").GetString()!), out Receipt? receipt, out error))
                {
                    problems.Add($"The receipt of '{name}' cannot be read. {error}");
                    continue;
                }

                checkpoint = receipt.Checkpoint;
                bool believed = trust.IsSatisfiedBy(receipt.Checkpoint, out _);
                trusted &= believed;
                if ((believed && !receipt.Verify(receipt.Extra.Span, trust, out error)) || !Says(receipt, name, passed) || !outcomes.TryAdd(name, passed))
                {
                    problems.Add($"The record of '{name}' does not say what is claimed.");
                    continue;
                }

                proofs++;
            }

            Controls(document.RootElement, outcomes, problems);
            if (checkpoint is not null && (statement.Subjects is not [var subject] || subject.Name != checkpoint.Checkpoint.Origin || (signedBy is not null && signedBy.Name != subject.Name)))
            {
                problems.Add("The statement is about another log than its probes are recorded in.");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentNullException)
        {
            problems.Add("The attestation is damaged.");
        }

        return new ReportVerification(problems.Count == 0, trusted && signedBy is not null, signedBy, checkpoint, proofs, proofs, problems);
    }

    private static bool Says(Receipt receipt, string name, bool passed)
    {
        var shape = new RecordShape();
        int probe = shape.Slot("attributes." + ComplianceEvents.ProbeName);
        int result = shape.Slot("attributes." + ComplianceEvents.ProbeResult);
        int type = shape.Slot("event_type");
        int kind = shape.Slot("kind");
        string?[] values = new string?[shape.Count];
        return shape.TryRead(receipt.Extra.Span, values, out _) && values[kind] == "event" && values[type] == ComplianceEvents.Probe && values[probe] == name && values[result] == (passed ? "pass" : "fail");
    }

    private static void Controls(JsonElement predicate, Dictionary<string, bool> outcomes, List<string> problems)
    {
        int all = 0;
        int met = 0;
        foreach (JsonElement control in predicate.GetProperty("controls").EnumerateArray())
        {
            string[] probes = [.. control.GetProperty("probes").EnumerateArray().Select(probe => probe.GetString()!)];
            bool passed = probes.Length > 0 && probes.All(probe => outcomes.GetValueOrDefault(probe));
            all++;
            met += passed ? 1 : 0;
            if (passed != control.GetProperty("passed").GetBoolean())
            {
                problems.Add($"The control '{control.GetProperty("control_id").GetString()}' does not follow from its probes.");
            }
        }

        int percentage = RuntimeAttestation.PercentageOf(met, all);
        if (predicate.GetProperty("percentage").GetInt32() != percentage || predicate.GetProperty("grade").GetString() != RuntimeAttestation.GradeOf(percentage).ToString())
        {
            problems.Add("The grade does not follow from the controls.");
        }
    }
}
