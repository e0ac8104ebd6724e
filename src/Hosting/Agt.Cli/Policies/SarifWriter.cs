using System.Text.Json;
using Agt.Policy;

namespace Agt.Cli;

/// <summary>Findings as SARIF 2.1.0 (OASIS), for code scanning.</summary>
internal static class SarifWriter
{
    internal static void Write(Stream output, IReadOnlyList<PolicyDiagnostic> findings)
    {
        string[] codes = [.. findings.Select(finding => finding.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            writer.WriteString("version", "2.1.0");
            writer.WriteStartArray("runs");
            writer.WriteStartObject();
            writer.WriteStartObject("tool");
            writer.WriteStartObject("driver");
            writer.WriteString("name", "agt");
            writer.WriteString("semanticVersion", typeof(SarifWriter).Assembly.GetName().Version!.ToString(3));
            writer.WriteStartArray("rules");
            foreach (string code in codes)
            {
                writer.WriteStartObject();
                writer.WriteString("id", code);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteString("columnKind", "utf16CodeUnits");
            writer.WriteStartArray("results");
            foreach (PolicyDiagnostic finding in findings)
            {
                WriteResult(writer, finding, Array.IndexOf(codes, finding.Code));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(output);
    }

    private static void WriteResult(Utf8JsonWriter writer, PolicyDiagnostic finding, int rule)
    {
        writer.WriteStartObject();
        writer.WriteString("ruleId", finding.Code);
        writer.WriteNumber("ruleIndex", rule);
        writer.WriteString("level", Findings.Severity(finding));
        writer.WriteStartObject("message");
        writer.WriteString("text", $"{finding.Message} {finding.Fix}");
        writer.WriteEndObject();
        writer.WriteStartArray("locations");
        writer.WriteStartObject();
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", Uri.EscapeDataString(finding.Source.Replace('\\', '/')).Replace("%2F", "/", StringComparison.Ordinal));
        writer.WriteEndObject();
        if (finding.Position.Line > 0)
        {
            writer.WriteStartObject("region");
            writer.WriteNumber("startLine", finding.Position.Line);
            writer.WriteNumber("startColumn", Math.Max(1, finding.Position.Column));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (finding.JsonPointer.Length > 0)
        {
            writer.WriteStartArray("logicalLocations");
            writer.WriteStartObject();
            writer.WriteString("fullyQualifiedName", finding.JsonPointer);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
