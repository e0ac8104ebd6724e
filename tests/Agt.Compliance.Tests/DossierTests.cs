using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit;
using Agt.Audit.Statements;
using Agt.Audit.Stores;
using Agt.Compliance.Dossiers;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Compliance.Tests;

public sealed class DossierTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    [Requirement("CMP-201")]
    public void All_nine_sections_are_there_and_what_is_missing_is_asked_of_the_provider()
    {
        AnnexIvDossier empty = new DossierBuilder(Time).Build(new DossierInputs());
        Assert.Equal(Enumerable.Range(1, 9).Select(number => $"{number}"), empty.Sections.Select(section => section.Number));
        Assert.All(empty.Sections, section => Assert.True(section.ProviderActionRequired));
        Assert.Equal(9, System.Text.RegularExpressions.Regex.Count(empty.ToMarkdown(), @"\*\*provider_action_required\*\*"));
        Assert.Empty(empty.Artefacts);
    }

    [Fact]
    [Requirement("CMP-201", "CMP-202")]
    public void Sections_say_what_the_inputs_say_with_their_digests_and_counts()
    {
        using var log = new TestLog();
        log.Decision().Decision("deny");
        byte[] signed = ReportStatement.Sign(log.Report("eu_ai_act"), log.Key).ToUtf8();
        byte[] policy = "name: billing\nrules:\n  - { name: a }\n  - { name: b }\n"u8.ToArray();
        AnnexIvDossier dossier = new DossierBuilder(Time).Build(new DossierInputs
        {
            Provider = ("provider.yaml", "schema: agt-dossier/v1\nsystem: Refund desk\nsections:\n  1: |\n    It refunds <orders>.\n    For shops.\n  7: None were applied.\n  8: See annex.\n"u8.ToArray()),
            Policies = [("billing.yaml", policy), ("broken.yaml", "a: [\n"u8.ToArray())],
            Log = log.Report("eu_ai_act"),
            Trust = log.Trust,
            Reports = [("october.json", signed), ("forged.json", "{}"u8.ToArray()), ("unsigned.json", ReportJson.Write(log.Report("soc2")))],
            Slo = [("slo.json", """{"objectives":[{"name":"refunds in time","target":"99.9 %","actual":"99.95 %"}]}"""u8.ToArray()), ("slo.txt", "words"u8.ToArray())],
        });
        Assert.Equal("Refund desk", dossier.System);
        Assert.Equal([("provider", 3L), ("policy", 2L), ("log", 2L), ("report", dossier.Artefacts[3].Records), ("slo", 1L)], dossier.Artefacts.Select(artefact => (artefact.Kind, artefact.Records)));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(policy)), dossier.Artefacts[1].Sha256);
        Assert.Equal(4, dossier.Warnings.Count);
        Assert.All(new[] { "broken.yaml", "forged.json", "unsigned.json", "slo.txt" }, name => Assert.Single(dossier.Warnings, warning => warning.Contains(name, StringComparison.Ordinal)));
        Assert.Equal(["1", "4", "7", "8"], dossier.Sections.Where(section => !section.ProviderActionRequired || section.Number == "4").Select(section => section.Number));
        Assert.Contains(dossier.Sections[3].Paragraphs, text => text.Contains("99.95 %", StringComparison.Ordinal));
        Assert.Contains(dossier.Sections[2].Paragraphs, text => text.Contains("EUAI-ART12", StringComparison.Ordinal));
        string markdown = dossier.ToMarkdown();
        Assert.Contains("It refunds &lt;orders&gt;.\n\nFor shops.", markdown, StringComparison.Ordinal);
        JsonElement manifest = JsonDocument.Parse(dossier.ToManifest()).RootElement;
        Assert.Equal(4, manifest.GetProperty("warnings").GetArrayLength());
        Assert.Equal("provider_action_required", manifest.GetProperty("sections")[8].GetProperty("status").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(markdown))), manifest.GetProperty("markdown_sha256").GetString());
    }

    [Fact]
    [Requirement("CMP-202")]
    public void A_malformed_file_of_the_provider_is_no_dossier()
    {
        PackException wrong = Assert.Throws<PackException>(() => new DossierBuilder(Time).Build(new DossierInputs { Provider = ("provider.yaml", "schema: agt-dossier/v1\nsystem: x\nsections: { 10: y }\n"u8.ToArray()) }));
        Assert.Equal(("provider.yaml", 3), (wrong.Problems[0].File, wrong.Problems[0].Line));
    }

    [Fact]
    [Requirement("CMP-203")]
    public async Task The_manifest_is_signed_and_its_digest_is_a_record_of_the_log()
    {
        using var key = Agt.Audit.Signing.AuditKey.Create("log.example/dossier");
        string directory = Directory.CreateTempSubdirectory("agt-dossier-").FullName;
        try
        {
            AnnexIvDossier dossier = new DossierBuilder(Time).Build(new DossierInputs());
            DsseEnvelope envelope;
            await using (AuditLog log = AuditLog.Open(SegmentAuditStore.Open(Path.Combine(directory, "log")), key, new AuditOptions { Origin = key.Key.Name }))
            {
                envelope = await dossier.RecordAsync(log, key);
            }

            Assert.True(envelope.IsSignedBy(key.Key));
            Assert.True(InTotoStatement.TryParse(envelope.Payload, out InTotoStatement? statement, out _));
            Assert.Equal(AnnexIvDossier.PredicateType, statement.PredicateType);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dossier.ToMarkdown()))), statement.Subjects[0].Sha256.ToString());
            using SegmentAuditStore store = SegmentAuditStore.OpenForReading(Path.Combine(directory, "log"));
            string digest = Convert.ToHexStringLower(SHA256.HashData(dossier.ToManifest()));
            Assert.Single(store.ReadLeaves(0, store.Size), leaf => leaf.Span.IndexOf("compliance.dossier"u8) > 0 && leaf.Span.IndexOf(Encoding.ASCII.GetBytes(digest)) > 0);
            ComplianceReport report = new ComplianceReporter(store, Agt.Audit.Notes.TrustPolicy.Of(key.Key), PackLibrary.BuiltIn().Select(["eu_ai_act"])).Create();
            Assert.Equal(ControlStatus.Met, report.Frameworks[0].Controls.Single(control => control.Control.ControlId == "EUAI-ART11").Status);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
