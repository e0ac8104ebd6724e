using System.Globalization;
using System.Text;
using System.Xml;

namespace Agt.Cli;

/// <summary>Results of scenarios as JUnit XML, one suite a file.</summary>
internal static class JUnitWriter
{
    internal static void Write(Stream output, IReadOnlyList<ScenarioResult> results)
    {
        using XmlWriter writer = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" });
        writer.WriteStartElement("testsuites");
        Counts(writer, results);
        foreach (IGrouping<string, ScenarioResult> suite in results.GroupBy(result => result.File, StringComparer.Ordinal))
        {
            writer.WriteStartElement("testsuite");
            writer.WriteAttributeString("name", CliHost.Clean(suite.Key));
            Counts(writer, [.. suite]);
            foreach (ScenarioResult result in suite)
            {
                writer.WriteStartElement("testcase");
                writer.WriteAttributeString("classname", CliHost.Clean(Path.GetFileNameWithoutExtension(suite.Key)));
                writer.WriteAttributeString("name", CliHost.Clean(result.Scenario.Name));
                writer.WriteAttributeString("file", CliHost.Clean(suite.Key));
                writer.WriteAttributeString("line", result.Scenario.Line.ToString(CultureInfo.InvariantCulture));
                if (result.Failure is { } failure)
                {
                    writer.WriteStartElement("failure");
                    writer.WriteAttributeString("message", CliHost.Clean(failure));
                    writer.WriteEndElement();
                }

                writer.WriteEndElement();
            }

            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }

    private static void Counts(XmlWriter writer, IReadOnlyList<ScenarioResult> results)
    {
        writer.WriteAttributeString("tests", results.Count.ToString(CultureInfo.InvariantCulture));
        writer.WriteAttributeString("failures", results.Count(result => result.Failure is not null).ToString(CultureInfo.InvariantCulture));
    }
}
