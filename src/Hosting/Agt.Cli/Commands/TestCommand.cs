using System.CommandLine;
using System.Text.Json;
using Agt.Policy;

namespace Agt.Cli;

/// <summary><c>agt policy test</c>: runs scenario files through the engine.</summary>
internal static class TestCommand
{
    internal static Command Create(CliHost host)
    {
        Option<string[]> policies = CommonOptions.Policies();
        var files = new Argument<string[]>("scenarios") { Description = "Scenario files, YAML or JSON.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var shared = new Option<bool>("--keep-rate-limits") { Description = "Let the scenarios of a file share rate limits, in order; otherwise each starts with none used." };
        var junit = new Option<string?>("--junit") { Description = "Also write the results as JUnit XML.", HelpName = "FILE" };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "test",
            "Run scenarios through the policies. Exits with 0 if all pass, 1 if one fails, 2 if a file cannot be read.",
            """
            agt policy test --policy policies/ scenarios.yaml
            agt policy test -p billing.yaml tests/*.yaml --junit results.xml
            """)
        {
            policies, files, shared, junit, json,
        };
        command.SetAction(parsed =>
        {
            LoadedPolicies loaded = LoadedPolicies.Require(host, parsed.GetRequiredValue(policies));
            IReadOnlyList<ScenarioResult> results = Run(host, loaded, parsed.GetRequiredValue(files), parsed.GetValue(shared));
            if (parsed.GetValue(junit) is { } path)
            {
                InputFile.Guard(path, () =>
                {
                    using FileStream stream = File.Create(path);
                    JUnitWriter.Write(stream, results);
                    return true;
                });
            }

            if (parsed.GetValue(json))
            {
                WriteJson(host.Output, results);
            }
            else
            {
                WriteText(host, results);
            }

            return results.All(result => result.Failure is null) ? ExitCode.Success : ExitCode.Findings;
        });
        return command;
    }

    private static List<ScenarioResult> Run(CliHost host, LoadedPolicies policies, string[] paths, bool shared)
    {
        CompiledPolicySet set = policies.Compile();
        var reader = new ActionReader();
        var results = new List<ScenarioResult>();
        foreach (string path in paths)
        {
            ActionDecider decider = Fresh();
            foreach (Scenario scenario in Scenario.Read(PolicyText.Read(path)))
            {
                results.Add(ScenarioResult.Run(path, scenario, reader, shared ? decider : Fresh(), policies));
            }
        }

        return results;

        ActionDecider Fresh() => new(set, ClockMode.Auto, host.Time, rateLimitKeys: 256);
    }

    private static void WriteText(CliHost host, IReadOnlyList<ScenarioResult> results)
    {
        foreach (ScenarioResult result in results)
        {
            if (result.Failure is null)
            {
                host.Line($"[green]pass[/]  {CliHost.Shown(result.Scenario.Name)}");
            }
            else
            {
                host.Line($"[red]FAIL[/]  {CliHost.Shown(result.Scenario.Name)}  [grey]{CliHost.Shown(result.File)}:{result.Scenario.Line}[/]");
                host.Line($"      {CliHost.Shown(result.Failure)}");
            }
        }

        host.Line($"{results.Count(result => result.Failure is null)}/{results.Count} scenarios passed");
    }

    private static void WriteJson(Stream output, IReadOnlyList<ScenarioResult> results)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.test/1");
            writer.WriteNumber("passed", results.Count(result => result.Failure is null));
            writer.WriteNumber("total", results.Count);
            writer.WriteStartArray("scenarios");
            foreach (ScenarioResult result in results)
            {
                writer.WriteStartObject();
                writer.WriteString("name", result.Scenario.Name);
                writer.WriteString("file", result.File);
                writer.WriteNumber("line", result.Scenario.Line);
                writer.WriteBoolean("passed", result.Failure is null);
                writer.WriteString("failure", result.Failure);
                writer.WriteString("effect", result.Facts?.Effect);
                writer.WriteString("policy", result.Facts?.Detail?.Policy);
                writer.WriteString("rule", result.Facts?.Detail?.Rule);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(output);
    }
}
