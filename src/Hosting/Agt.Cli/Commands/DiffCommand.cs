using System.CommandLine;
using System.Text.Json;

namespace Agt.Cli;

/// <summary><c>agt policy diff</c>: what differs between two files or directories.</summary>
internal static class DiffCommand
{
    internal static Command Create(CliHost host)
    {
        var before = new Argument<string>("before") { Description = "A policy file, or a directory of policies.", HelpName = "BEFORE" };
        var after = new Argument<string>("after") { Description = "What to compare with.", HelpName = "AFTER" };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "diff",
            "Say what differs in meaning: policies, rules, keys of rules, defaults, other fields. Exits with 0 if nothing does, 1 if something does, 2 if a file cannot be read.",
            """
            agt policy diff billing.yaml billing.new.yaml
            agt policy diff policies/ candidate/ --json
            """)
        {
            before, after, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<Difference> found = PolicyDiff.Compare(Read(parsed.GetRequiredValue(before)), Read(parsed.GetRequiredValue(after)));
            if (parsed.GetValue(json))
            {
                WriteJson(host.Output, found);
            }
            else
            {
                WriteText(host, found);
            }

            return found.Count == 0 ? ExitCode.Success : ExitCode.Findings;
        });
        return command;
    }

    private static PolicyText[] Read(string path) => [.. PolicyText.Files(path).Select(PolicyText.Read)];

    private static void WriteText(CliHost host, IReadOnlyList<Difference> found)
    {
        foreach (Difference difference in found)
        {
            (string sign, string color) = difference.Change switch { "added" => ("+", "green"), "removed" => ("-", "red"), _ => ("~", "yellow") };
            host.Line($"[{color}]{sign} {difference.Kind} {CliHost.Shown(difference.Name)}[/] [grey]{difference.Change}, policy {CliHost.Shown(difference.Policy)}[/]");
            if (difference.Before is { } before)
            {
                host.Line($"    [red]- {CliHost.Shown(before)}[/]");
            }

            if (difference.After is { } after)
            {
                host.Line($"    [green]+ {CliHost.Shown(after)}[/]");
            }
        }

        host.Line(found.Count switch { 0 => "no differences", 1 => "1 difference", _ => $"{found.Count} differences" });
    }

    private static void WriteJson(Stream output, IReadOnlyList<Difference> found)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.diff/1");
            writer.WriteBoolean("equal", found.Count == 0);
            writer.WriteStartArray("differences");
            foreach (Difference difference in found)
            {
                writer.WriteStartObject();
                writer.WriteString("kind", difference.Kind);
                writer.WriteString("change", difference.Change);
                writer.WriteString("policy", difference.Policy);
                writer.WriteString("name", difference.Name);
                writer.WriteString("before", difference.Before);
                writer.WriteString("after", difference.After);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(output);
    }
}
