using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Agt.Audit.Merkle;
using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>Writes a report as JSON, with the proof of every record it shows, so that a stranger can check it with the log's public key and nothing else.</summary>
public static class ReportJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Create(UnicodeRanges.BasicLatin) };

    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(ComplianceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Options))
        {
            WriteTo(writer, report);
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    internal static void WriteTo(Utf8JsonWriter writer, ComplianceReport report)
    {
        Dictionary<long, LogHash> hashes = report.Evidence.ToDictionary(record => record.Index, record => record.LeafHash);
        writer.WriteStartObject();
        writer.WriteString("schema", ComplianceReport.Schema);
        writer.WriteString("generated_at", ReportNames.Of(report.GeneratedAt));
        WriteLog(writer, report);
        writer.WriteStartArray("frameworks");
        foreach (FrameworkResult framework in report.Frameworks)
        {
            WriteFramework(writer, framework, hashes);
        }

        writer.WriteEndArray();
        WriteViolations(writer, report);
        writer.WriteStartArray("recommendations");
        foreach (string recommendation in report.Recommendations)
        {
            writer.WriteStringValue(recommendation);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("evidence");
        foreach (EvidenceRecord record in report.Evidence)
        {
            WriteEvidence(writer, record);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteLog(Utf8JsonWriter writer, ComplianceReport report)
    {
        writer.WriteStartObject("log");
        writer.WriteString("origin", report.Checkpoint.Checkpoint.Origin);
        writer.WriteNumber("size", report.Checkpoint.Checkpoint.Size);
        writer.WriteString("root", report.Checkpoint.Checkpoint.Root.ToString());
        writer.WriteString("checkpoint", report.Checkpoint.Note.ToString());
        writer.WriteBoolean("witnessed", report.IsWitnessed);
        writer.WriteEndObject();
        writer.WriteStartObject("period");
        Optional(writer, "from", report.From is { } from ? ReportNames.Of(from) : null);
        Optional(writer, "to", report.To is { } to ? ReportNames.Of(to) : null);
        writer.WriteEndObject();
        Optional(writer, "agent", report.Agent);
        writer.WriteStartObject("records");
        writer.WriteNumber("verified", report.RecordsVerified);
        writer.WriteNumber("purged", report.RecordsPurged);
        writer.WriteNumber("considered", report.RecordsConsidered);
        writer.WriteNumber("unreadable", report.RecordsUnreadable);
        writer.WriteEndObject();
        writer.WriteStartObject("findings");
        foreach ((string kind, long count) in report.Findings)
        {
            writer.WriteNumber(kind, count);
        }

        writer.WriteEndObject();
        if (report.FindingsIncomplete)
        {
            writer.WriteBoolean("findings_incomplete", true);
        }
    }

    private static void WriteFramework(Utf8JsonWriter writer, FrameworkResult framework, Dictionary<long, LogHash> hashes)
    {
        CompliancePack pack = framework.Pack;
        writer.WriteStartObject();
        writer.WriteString("framework", pack.Framework);
        writer.WriteString("title", pack.Title);
        writer.WriteString("version", pack.Version);
        writer.WriteString("source", pack.Source);
        writer.WriteString("reviewed", ReportNames.Of(pack.Reviewed));
        Optional(writer, "note", pack.Note);
        writer.WriteStartArray("dates");
        foreach (FrameworkDate date in pack.Dates)
        {
            writer.WriteStartObject();
            writer.WriteString("name", date.Name);
            writer.WriteString("applies", ReportNames.Of(date.Applies));
            writer.WriteString("source", date.Source);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("files");
        foreach (PackSource source in pack.Sources)
        {
            writer.WriteStartObject();
            writer.WriteString("name", source.Name);
            writer.WriteString("sha256", source.Sha256);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (framework.Score is { } score)
        {
            writer.WriteNumber("score", score);
        }
        else
        {
            writer.WriteNull("score");
        }

        writer.WriteNumber("total", framework.Total);
        writer.WriteNumber("met", framework.Met);
        writer.WriteNumber("partial", framework.Partial);
        writer.WriteNumber("failed", framework.Failed);
        writer.WriteNumber("not_assessed", framework.NotAssessed);
        writer.WriteStartArray("controls");
        foreach (ControlResult control in framework.Controls)
        {
            WriteControl(writer, control, hashes);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteControl(Utf8JsonWriter writer, ControlResult result, Dictionary<long, LogHash> hashes)
    {
        ComplianceControl control = result.Control;
        writer.WriteStartObject();
        writer.WriteString("control_id", control.ControlId);
        writer.WriteString("name", control.Name);
        writer.WriteString("status", ReportNames.Of(result.Status));
        writer.WriteString("category", control.Category);
        Optional(writer, "subcategory", control.Subcategory);
        writer.WriteString("description", control.Description);
        Texts(writer, "requirements", control.Requirements);
        Texts(writer, "evidence_types", control.EvidenceTypes);
        Optional(writer, "organisation", control.Organisation);
        writer.WriteNumber("violations", result.Violations);
        writer.WriteNumber("open_violations", result.OpenViolations);
        writer.WriteStartArray("checks");
        foreach (CheckResult check in result.Checks)
        {
            WriteCheck(writer, check, hashes);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCheck(Utf8JsonWriter writer, CheckResult result, Dictionary<long, LogHash> hashes)
    {
        ControlCheck check = result.Check;
        writer.WriteStartObject();
        writer.WriteString("text", check.Text);
        writer.WriteString("status", ReportNames.Of(result.Status));
        writer.WriteString("explanation", result.Explanation);
        writer.WriteBoolean("required", check.Required);
        writer.WriteBoolean("critical", check.Critical);
        if (check.Fact is { } fact)
        {
            writer.WriteString("log", ReportNames.Of(fact));
        }
        else
        {
            writer.WriteNumber("at_least", check.AtLeast);
            writer.WriteNumber("tolerate_percent", check.TolerancePercent);
            Optional(writer, "latest_by", check.LatestBy);
            WriteQuery(writer, "among", check.Among);
            WriteQuery(writer, "good", check.Good);
            WriteQuery(writer, "bad", check.Bad);
        }

        WriteSide(writer, "for", result.For, result.ForSamples, result.ForRanges, hashes);
        WriteSide(writer, "against", result.Against, result.AgainstSamples, result.AgainstRanges, hashes);
        writer.WriteEndObject();
    }

    private static void WriteQuery(Utf8JsonWriter writer, string name, RecordQuery? query)
    {
        if (query is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (FieldTest test in query.Tests)
        {
            writer.WriteStartObject();
            writer.WriteString("field", test.Field);
            if (test.Negated)
            {
                writer.WriteBoolean("not", true);
            }

            Texts(writer, "values", test.Values);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSide(Utf8JsonWriter writer, string name, long count, IReadOnlyList<long> samples, IReadOnlyList<IndexRange> ranges, Dictionary<long, LogHash> hashes)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count", count);
        writer.WriteStartArray("samples");
        foreach (long sample in samples)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", sample);
            writer.WriteString("leaf_hash", hashes[sample].ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("ranges");
        foreach (IndexRange range in ranges)
        {
            writer.WriteStartObject();
            writer.WriteNumber("first", range.First);
            writer.WriteNumber("last", range.Last);
            writer.WriteNumber("count", range.Count);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteViolations(Utf8JsonWriter writer, ComplianceReport report)
    {
        writer.WriteNumber("total_violations", report.TotalViolations);
        writer.WriteNumber("open_violations", report.OpenViolations);
        writer.WriteStartArray("violations");
        foreach (ReportedViolation violation in report.Violations)
        {
            writer.WriteStartObject();
            writer.WriteString("id", violation.Id);
            writer.WriteNumber("index", violation.Index);
            writer.WriteString("control_id", violation.ControlId);
            writer.WriteString("framework", violation.Framework);
            writer.WriteString("agent", violation.Agent);
            writer.WriteString("severity", violation.Severity);
            writer.WriteString("description", violation.Description);
            writer.WriteString("occurred_at", ReportNames.Of(violation.OccurredAt));
            writer.WriteBoolean("remediated", violation.Remediated);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteEvidence(Utf8JsonWriter writer, EvidenceRecord record)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", record.Index);
        writer.WriteString("leaf_hash", record.LeafHash.ToString());
        Texts(writer, "path", record.Path.Select(hash => hash.ToBase64()));
        if (!record.Leaf.IsEmpty)
        {
            // The bytes are what was hashed: as text where they are text, so that people can read them, and never re-serialised.
            if (Utf8.IsValid(record.Leaf.Span))
            {
                writer.WriteString("record", Encoding.UTF8.GetString(record.Leaf.Span));
            }
            else
            {
                writer.WriteBase64String("record_base64", record.Leaf.Span);
            }
        }

        writer.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
