using System.Text.Json;

namespace Agt.Cli.Tests;

public sealed class ExplainTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_rule_is_explained_with_the_values_that_decided()
    {
        CliRun run = await CliRun.WithInput("""{"tool":"Refunds.Issue","args":{"amount":900}}""", "policy", "explain", "-p", _folder.Policy(), "-i", "-", "--json");

        JsonElement explanation = JsonDocument.Parse(run.Output).RootElement;
        JsonElement[] rules = [.. explanation.GetProperty("rules").EnumerateArray()];
        Assert.Equal(
            ["not_matched", "not_matched", "matched", "matched", "not_matched", "not_matched"],
            rules.Select(rule => rule.GetProperty("status").GetString()));
        Assert.Equal("large-refunds", rules.Single(rule => rule.GetProperty("decided").GetBoolean()).GetProperty("rule").GetString());
        JsonElement[] tests = [.. rules[1].GetProperty("tests").EnumerateArray()];
        Assert.Equal(["true", "false"], tests.Select(test => test.GetProperty("result").GetString()));
        Assert.Equal("900", tests[1].GetProperty("values").GetProperty("args.amount").GetString());
        Assert.Equal("escalate", explanation.GetProperty("decision").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_condition_that_fails_and_a_value_that_is_absent_are_told_apart()
    {
        string[] arguments = ["policy", "explain", "-p", _folder.Policy(), "-i", "-", "--json"];

        CliRun failing = await CliRun.WithInput("""{"tool":"Refunds.Issue","args":{"amount":"much"}}""", arguments);
        CliRun absent = await CliRun.WithInput("""{"tool":"Refunds.Issue","args":{}}""", arguments);

        Assert.Equal("error", JsonDocument.Parse(failing.Output).RootElement.GetProperty("rules")[1].GetProperty("status").GetString());
        JsonElement rule = JsonDocument.Parse(absent.Output).RootElement.GetProperty("rules")[1];
        Assert.Equal(("not_matched", "(absent)"), (rule.GetProperty("status").GetString(), rule.GetProperty("tests")[1].GetProperty("values").GetProperty("args.amount").GetString()));
    }

    [Fact]
    public async Task Rules_of_other_points_are_counted_and_shown_on_demand()
    {
        string[] arguments = ["policy", "explain", "-p", _folder.Policy(), "-i", "-"];

        CliRun few = await CliRun.WithInput("""{"point":"input","input":"x"}""", arguments);
        CliRun all = await CliRun.WithInput("""{"point":"input","input":"x"}""", [.. arguments, "--all"]);

        Assert.Contains("6 more rules", few.Output, StringComparison.Ordinal);
        Assert.Equal(6, all.Lines.Count(line => line.StartsWith("other point", StringComparison.Ordinal)));
    }
}
