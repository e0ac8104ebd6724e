using System.CommandLine;
using System.Text.Json;
using Agt.Cli.Audit;
using Agt.Compliance.Classification;

namespace Agt.Cli.Compliance;

/// <summary><c>agt compliance classify</c>: which class of the EU AI Act a system seems to be of.</summary>
internal static class ClassifyCommand
{
    private const int MaxBytes = 1024 * 1024;

    internal static Command Create(CliHost host)
    {
        Option<string[]> domains = Names("--domain", "-d", "An area it is used in, or a practice: employment, chatbot, ...");
        Option<string[]> capabilities = Names("--capability", "-c", "What it can do: emotion_recognition, candidate_ranking, ...");
        Option<string[]> exemptions = Names("--exemption", "-e", "An exemption of article 6(3) that is claimed: narrow_procedural_task, improve_completed_human_activity, detect_decision_patterns, preparatory_task.");
        var safety = new Option<bool>("--safety-component") { Description = "It is a safety component of a product, or such a product." };
        var law = new Option<string>("--legislation") { Description = "The law of Annex I that the product falls under: machinery, medical_devices, ...", HelpName = "NAME" };
        var profiling = new Option<bool?>("--profiling") { Description = "Whether it makes profiles of people. What is not said counts as yes where it matters.", HelpName = "true|false" };
        var assessment = new Option<string>("--assessment") { Description = "Where a person's assessment of the exemption is recorded; without it no exemption holds.", HelpName = "REFERENCE" };
        var tables = new Option<string>("--tables") { Description = "A file (YAML or JSON, agt-risk-classes/v1) whose lists take the place of those of the same name.", HelpName = "FILE" };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "classify",
            "Say which class of the EU AI Act a system seems to be of, and why. What is missing or unclear raises the class. No legal advice. Exits with 0, or 3 if a file cannot be read.",
            """
            agt compliance classify --domain employment --capability candidate_ranking
            agt compliance classify -d employment -e preparatory_task --profiling false --assessment DPO-17 --json
            """)
        {
            domains, capabilities, exemptions, safety, law, profiling, assessment, tables, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RiskTables names = RiskTables.BuiltIn();
            if (parsed.GetValue(tables) is { } file)
            {
                byte[] bytes = await InputFile.ReadAllAsync(host, file, MaxBytes, cancellationToken).ConfigureAwait(false);
                names = PackOptions.Guard(() => names.With(bytes, file));
            }

            RiskClassification result = new RiskClassifier(names).Classify(new RiskProfile
            {
                Domains = parsed.GetValue(domains) ?? [],
                Capabilities = parsed.GetValue(capabilities) ?? [],
                Exemptions = parsed.GetValue(exemptions) ?? [],
                IsSafetyComponent = parsed.GetValue(safety) || parsed.GetValue(law) is not null,
                Legislation = parsed.GetValue(law),
                Profiling = parsed.GetValue(profiling),
                AssessmentReference = parsed.GetValue(assessment),
            });
            if (parsed.GetValue(json))
            {
                WriteJson(host, result, names);
            }
            else
            {
                WriteText(host, result, names);
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    private static Option<string[]> Names(string name, string alias, string description) => new(name, alias) { Description = description + " May be given more than once.", HelpName = "NAME" };

    private static void WriteText(CliHost host, RiskClassification result, RiskTables tables)
    {
        string color = result.Class switch { RiskClass.Minimal => "green", RiskClass.Limited => "yellow", _ => "red" };
        host.Line($"[{color}]{Name(result.Class)}[/]");
        foreach (string trigger in result.Triggers)
        {
            host.Line("  because of " + CliHost.Shown(trigger));
        }

        foreach (string exemption in result.Exemptions)
        {
            host.Line("  exempted by " + CliHost.Shown(exemption));
        }

        foreach (string ignored in result.Ignored)
        {
            host.Line($"  '{CliHost.Shown(ignored)}' is no exemption");
        }

        host.Line($"  [grey]tables {CliHost.Shown(tables.Version)}; this helps to find out, a lawyer decides[/]");
    }

    private static void WriteJson(CliHost host, RiskClassification result, RiskTables tables)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteString("class", Name(result.Class));
            Texts(writer, "triggers", result.Triggers);
            Texts(writer, "exemptions", result.Exemptions);
            Texts(writer, "ignored", result.Ignored);
            writer.WriteString("tables_version", tables.Version);
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }

    private static string Name(RiskClass risk) => risk switch { RiskClass.Unacceptable => "unacceptable", RiskClass.High => "high", RiskClass.Limited => "limited", _ => "minimal" };

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
