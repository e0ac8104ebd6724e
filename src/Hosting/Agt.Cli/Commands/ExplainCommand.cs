using System.CommandLine;
using System.Text.Json;
using Agt.Policy;

namespace Agt.Cli;

/// <summary><c>agt policy explain</c>: why an action is decided as it is.</summary>
internal static class ExplainCommand
{
    private const int MostBytes = 8 * 1024 * 1024;

    internal static Command Create(CliHost host)
    {
        Option<string[]> policies = CommonOptions.Policies();
        var input = new Option<string>("--input", "-i") { Description = "A file with one action as JSON (agt.action/1), or - for standard input.", HelpName = "FILE", Required = true };
        var all = new Option<bool>("--all", "-a") { Description = "Also show rules for other agents or points, and those turned off." };
        Option<bool> json = CommonOptions.Json("Write everything as JSON.");
        var command = new ExampleCommand(
            "explain",
            "Say why an action is decided as it is: every rule, whether it matched, and the values that its condition read. The output holds values of the action.",
            """
            agt policy explain --policy policies/ --input action.json
            agt policy explain -p billing.yaml -i action.json --json
            """)
        {
            policies, input, all, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            LoadedPolicies loaded = LoadedPolicies.Require(host, parsed.GetRequiredValue(policies));
            CompiledPolicySet set = loaded.Compile();
            string path = parsed.GetRequiredValue(input);
            byte[] bytes = await InputFile.ReadAllAsync(host, path, MostBytes, cancellationToken).ConfigureAwait(false);
            ActionInput action;
            DecisionFacts facts;
            try
            {
                action = new ActionReader().Read(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
                facts = new DecisionFacts(new ActionDecider(set, ClockMode.Auto, host.Time).Decide(action), loaded);
            }
            catch (ActionFormatException exception)
            {
                throw new CliException($"{InputFile.Name(path)}: {exception.Message}", ExitCode.Findings);
            }

            IReadOnlyList<RuleExplanation> rules = set.Explain(action.ToPolicyInput()).Rules;
            if (parsed.GetValue(json))
            {
                WriteJson(host.Output, new DecisionWriter(loaded, set.SetDigest), action, facts, rules);
            }
            else
            {
                WriteText(host, facts, rules, parsed.GetValue(all));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteText(CliHost host, DecisionFacts facts, IReadOnlyList<RuleExplanation> rules, bool all)
    {
        DecisionView.Write(host, facts, null);
        int hidden = 0;
        foreach (RuleExplanation rule in rules)
        {
            if (rule.Tests.Count == 0 && !all)
            {
                hidden++;
                continue;
            }

            string color = rule.Outcome switch { RuleOutcome.Matched => "green", RuleOutcome.Error => "red", _ => "grey" };
            string status = Status(rule.Outcome).Replace('_', ' ');
            host.Line(string.Empty);
            host.Line($"[{color}]{status}[/]  [bold]{CliHost.Shown(rule.Rule)}[/] ({DecisionFacts.Name(rule.Effect)}){(Decided(rule, facts) ? " [bold]decided[/]" : string.Empty)}  [grey]{CliHost.Shown(rule.Source)}:{rule.Position.Line}[/]");
            foreach (TestExplanation test in rule.Tests)
            {
                host.Line($"    {(test.Holds switch { true => "[green]true [/]", false => "[grey]false[/]", null => "[red]error[/]" })}  {CliHost.Shown(test.Text)}");
                foreach ((string path, string value) in test.Values)
                {
                    host.Line($"           [grey]{CliHost.Shown(path)} =[/] {CliHost.Shown(value)}");
                }
            }
        }

        if (hidden > 0)
        {
            host.Line(string.Empty);
            host.Line($"[grey]{hidden} more {(hidden == 1 ? "rule is" : "rules are")} for other agents or points, or turned off; see --all.[/]");
        }
    }

    private static bool Decided(RuleExplanation rule, DecisionFacts facts) => facts.Rule is { } deciding && rule.Rule == deciding.Name && rule.Policy == facts.Detail?.Policy;

    private static string Status(RuleOutcome outcome) => outcome switch
    {
        RuleOutcome.Matched => "matched",
        RuleOutcome.NotMatched => "not_matched",
        RuleOutcome.Error => "error",
        RuleOutcome.Disabled => "disabled",
        RuleOutcome.OtherPoint => "other_point",
        _ => "other_agent",
    };

    private static void WriteJson(Stream output, DecisionWriter decisions, ActionInput action, DecisionFacts facts, IReadOnlyList<RuleExplanation> rules)
    {
        decisions.Write(null, action, facts.Verdict, null);
        using (Utf8JsonWriter writer = JsonOutput.Writer(output))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "agt.explanation/1");
            writer.WritePropertyName("decision");
            writer.WriteRawValue(decisions.Written.Span);
            writer.WriteStartArray("rules");
            foreach (RuleExplanation rule in rules)
            {
                writer.WriteStartObject();
                writer.WriteString("policy", rule.Policy);
                writer.WriteString("rule", rule.Rule);
                writer.WriteString("file", rule.Source);
                writer.WriteNumber("line", rule.Position.Line);
                writer.WriteString("effect", DecisionFacts.Name(rule.Effect));
                writer.WriteString("status", Status(rule.Outcome));
                writer.WriteBoolean("decided", Decided(rule, facts));
                writer.WriteStartArray("tests");
                foreach (TestExplanation test in rule.Tests)
                {
                    writer.WriteStartObject();
                    writer.WriteString("condition", test.Text);
                    writer.WriteString("result", test.Holds switch { true => "true", false => "false", null => "error" });
                    writer.WriteStartObject("values");
                    foreach ((string path, string value) in test.Values)
                    {
                        writer.WriteString(path, value);
                    }

                    writer.WriteEndObject();
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        JsonOutput.End(output);
    }
}
