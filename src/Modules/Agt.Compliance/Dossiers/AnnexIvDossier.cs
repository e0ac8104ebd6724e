using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using Agt.Compliance.Engine;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Dossiers;

/// <summary>Technical documentation as Annex IV of the EU AI Act asks for it: all nine sections, each with what is known, where that is from, and what the provider has to add (spec 09, CMP-201). Immutable.</summary>
public sealed record AnnexIvDossier
{
    /// <summary>The type of what the signed manifest says.</summary>
    public const string PredicateType = "urn:agt:annex-iv-dossier:1";

    /// <summary>The system, as the provider names it, or null.</summary>
    public string? System { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset GeneratedAt { get; init; }

    /// <summary>The nine sections.</summary>
    public required IReadOnlyList<DossierSection> Sections { get; init; }

    /// <summary>What it was made from.</summary>
    public required IReadOnlyList<DossierArtefact> Artefacts { get; init; }

    /// <summary>What could not be read or believed, and is therefore not in it.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Writes it as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# Technical documentation (EU AI Act, Annex IV)\n\n");
        text.Append(CultureInfo.InvariantCulture, $"System: {ReportMarkdown.Text(System ?? "not named")}. Made: {ReportNames.Of(GeneratedAt)}.\n");
        foreach (DossierSection section in Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Number}. {ReportMarkdown.Text(section.Title)}\n");
            foreach (string paragraph in section.Paragraphs.SelectMany(paragraph => paragraph.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{ReportMarkdown.Text(paragraph, int.MaxValue)}\n");
            }

            if (section.ProviderActionRequired)
            {
                text.Append("\n**provider_action_required**\n\n");
                foreach (string gap in section.Gaps)
                {
                    text.Append("- ").Append(ReportMarkdown.Text(gap)).Append('\n');
                }
            }

            if (section.Artefacts.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\nFrom: {string.Join(", ", section.Artefacts.Select(name => ReportMarkdown.Text(name)))}\n");
            }
        }

        text.Append("\n## Sources\n\n| Kind | Name | SHA-256 | Records |\n|---|---|---|---|\n");
        foreach (DossierArtefact artefact in Artefacts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {artefact.Kind} | {ReportMarkdown.Text(artefact.Name)} | `{artefact.Sha256}` | {artefact.Records:N0} |\n");
        }

        foreach (string warning in Warnings)
        {
            text.Append("\nWarning: ").Append(ReportMarkdown.Text(warning)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Writes its manifest as JSON: sections, gaps, sources with their digests, and the digest of the Markdown.</summary>
    public byte[] ToManifest()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.annex-iv-dossier/1");
            writer.WriteString("generated_at", ReportNames.Of(GeneratedAt));
            if (System is not null)
            {
                writer.WriteString("system", System);
            }

            writer.WriteString("markdown_sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToMarkdown()))));
            writer.WriteStartArray("sections");
            foreach (DossierSection section in Sections)
            {
                writer.WriteStartObject();
                writer.WriteString("number", section.Number);
                writer.WriteString("title", section.Title);
                writer.WriteString("status", section.ProviderActionRequired ? "provider_action_required" : "complete");
                Texts(writer, "gaps", section.Gaps);
                Texts(writer, "artefacts", section.Artefacts);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("artefacts");
            foreach (DossierArtefact artefact in Artefacts)
            {
                writer.WriteStartObject();
                writer.WriteString("kind", artefact.Kind);
                writer.WriteString("name", artefact.Name);
                writer.WriteString("sha256", artefact.Sha256);
                writer.WriteNumber("records", artefact.Records);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Texts(writer, "warnings", Warnings);
            writer.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <summary>Signs the manifest, and records its digest in the log (spec 09, CMP-203).</summary>
    /// <param name="log">The log.</param>
    /// <param name="signer">Its signer.</param>
    /// <param name="cancellationToken">Ends the wait for the record.</param>
    /// <exception cref="IOException">The signer cannot be reached, or the log cannot take the record.</exception>
    public async ValueTask<DsseEnvelope> RecordAsync(Audit.AuditLog log, IAuditSigner signer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(signer);
        byte[] manifest = ToManifest();
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(ToMarkdown()));
        DsseEnvelope envelope = signer.Sign(new InTotoStatement([new StatementSubject("dossier.md", new LogHash(digest))], PredicateType, manifest));
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ComplianceEvents.Sha256] = Convert.ToHexStringLower(SHA256.HashData(manifest)), ["agt.gaps"] = Sections.Sum(section => section.Gaps.Count).ToString(CultureInfo.InvariantCulture),
        };
        await log.AppendAsync(new Audit.AuditEvent("commitment", ComplianceEvents.Dossier, "document") { Attributes = attributes }, cancellationToken).ConfigureAwait(false);
        return envelope;
    }

    private static void Texts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
