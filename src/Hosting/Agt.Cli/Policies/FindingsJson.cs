using System.Text.Json;
using Agt.Policy;

namespace Agt.Cli;

/// <summary>Findings in the form <c>agt.findings/1</c>.</summary>
internal static class FindingsJson
{
    internal static void Write(Stream output, LoadedPolicies loaded)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.findings/1");
            writer.WriteBoolean("valid", !loaded.HasErrors);
            writer.WriteStartArray("policies");
            foreach (PolicyDocument document in loaded.Documents)
            {
                writer.WriteStartObject();
                writer.WriteString("name", document.Name);
                writer.WriteString("version", document.Version);
                writer.WriteString("file", document.Source);
                writer.WriteString("digest", document.Digest.ToString());
                writer.WriteNumber("rules", document.RuleCount);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("findings");
            foreach (PolicyDiagnostic finding in loaded.Diagnostics)
            {
                writer.WriteStartObject();
                writer.WriteString("severity", Findings.Severity(finding));
                writer.WriteString("code", finding.Code);
                writer.WriteString("file", finding.Source);
                writer.WriteNumber("line", finding.Position.Line);
                writer.WriteNumber("column", finding.Position.Column);
                writer.WriteString("pointer", finding.JsonPointer);
                writer.WriteString("message", finding.Message);
                writer.WriteString("fix", finding.Fix);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(output);
    }
}
