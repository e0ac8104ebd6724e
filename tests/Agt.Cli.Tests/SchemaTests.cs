using System.Text.Json;

namespace Agt.Cli.Tests;

public sealed class SchemaTests
{
    private static readonly string[] Actions =
    [
        """{"tool":"Orders.Find"}""",
        """{"schema":"agt.action/1","id":"1","stage":"pre_tool","tool":{"name":"Refunds.Issue","source":"s","effects":["reads","writes"]},"agent":"a","user":"u","tenant":"t","args":{"amount":900},"verified":true,"trust_score":3}""",
        """{"tool":"Refunds.Issue","args":{"amount":1},"timestamp":"2026-01-01T00:00:00Z"}""",
        """{"tool":"Refunds.Issue","args":{"amount":1},"timestamp":"2026-01-01T00:00:01Z"}""",
        """{"tool":"Refunds.Issue","args":{"amount":1},"timestamp":"2026-01-01T00:00:02Z"}""",
        """{"tool":"Refunds.Issue","args":{"amount":1},"timestamp":"2026-01-01T00:00:03Z"}""",
        """{"tool":"Mail.Send","args":{"body":"key-12"},"facets":{"a":1},"session":{"id":"s","labels":["x"],"counters":{"tool_calls":2,"tokens":7}}}""",
        """{"point":"post_tool_call","tool":"Mail.Send","output":{"ok":true}}""",
        """{"point":"input","input":"hello"}""",
        """{"point":"pre_model_call","messages":[]}""",
        """{"tool":"Shell.Run"}""",
    ];

    private static readonly string[] Bad =
    [
        "{}x", "7", """{"tool":"x","arg":1}""", """{"tool":{"nam":"x"}}""", """{"tool":7}""", """{"tool":"x","session":{"counters":{"tool_calls":-1}}}""", """{"tool":"x","verified":"yes"}""",
        """{"tool":"x","facets":[]}""", """{"tool":{"name":"x","effects":["flies"]}}""", """{"tool":"x","point":"nowhere"}""", """{"tool":"x","trust_score":1001}""",
    ];

    [Fact]
    public async Task Every_line_that_is_written_is_as_the_schema_says()
    {
        using var folder = new TempFolder();
        SchemaCheck schema = SchemaCheck.Load("decision.v1.schema.json");

        CliRun run = await CliRun.WithInput(string.Join('\n', [.. Actions, .. Bad]), "policy", "eval", "-p", folder.Policy(), "--batch", "-", "--timings");

        Assert.Equal(Actions.Length + Bad.Length, run.Lines.Count);
        Assert.All(run.Lines, line => Assert.True(schema.IsValid(JsonDocument.Parse(line).RootElement), line));
        Assert.Equal(
            Actions.Select(_ => false).Concat(Bad.Select(_ => true)),
            run.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("outcome").GetString() == "error"));
        Assert.Contains(run.Lines, line => line.Contains("\"retry_after_seconds\":", StringComparison.Ordinal));
    }

    [Fact]
    public void The_schema_of_actions_takes_what_is_decided_and_refuses_what_is_not()
    {
        SchemaCheck schema = SchemaCheck.Load("action.v1.schema.json");

        Assert.All(Actions, action => Assert.True(schema.IsValid(JsonDocument.Parse(action).RootElement), action));
        Assert.All(Bad.Skip(1), action => Assert.False(schema.IsValid(JsonDocument.Parse(action).RootElement), action));
    }

    [Theory]
    [InlineData("\"allowed\":false", "\"allowed\":\"no\"")]
    [InlineData("\"outcome\":\"deny\"", "\"outcome\":\"maybe\"")]
    [InlineData("\"schema\"", "\"extra\":1,\"schema\"")]
    public async Task A_line_that_is_otherwise_is_found(string part, string other)
    {
        using var folder = new TempFolder();
        CliRun run = await CliRun.WithInput("""{"tool":"Shell.Run"}""", "policy", "eval", "-p", folder.Policy(), "--input", "-");
        Assert.Contains(part, run.Output, StringComparison.Ordinal);

        Assert.False(SchemaCheck.Load("decision.v1.schema.json").IsValid(JsonDocument.Parse(run.Output.Replace(part, other, StringComparison.Ordinal)).RootElement));
    }
}
