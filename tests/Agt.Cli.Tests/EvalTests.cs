using System.Text.Json;
using Agt.Values;

namespace Agt.Cli.Tests;

public sealed class EvalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"tool":"Orders.Find"}""", "allow", "allow", true)]
    [InlineData("""{"tool":"Shell.Run"}""", "deny", "deny", false)]
    [InlineData("""{"tool":"Refunds.Issue","args":{"amount":501}}""", "escalate", "require_approval", false)]
    [InlineData("""{"tool":{"name":"Refunds.Issue","source":"x","effects":["writes"]},"agent":"a1","args":{"amount":5}}""", "allow", "rate_limit", true)]
    [InlineData("""{"tool":"Orders.Find","session":{"id":"s","counters":{"tool_calls":50}}}""", "deny", "deny", false)]
    [InlineData("""{"tool":"Orders.Find","session":{"id":"s","counters":{"tool_calls":49}}}""", "allow", "allow", true)]
    public async Task An_action_is_decided(string action, string outcome, string effect, bool allowed)
    {
        CliRun run = await CliRun.WithInput(action, "policy", "eval", "-p", _folder.Policy(), "--input", "-");

        JsonElement decision = JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;
        Assert.Equal((ExitCode.Success, outcome, allowed), (run.Code, decision.GetProperty("outcome").GetString(), decision.GetProperty("allowed").GetBoolean()));
        Assert.Equal(effect, decision.GetProperty("effect").GetString());
    }

    [Fact]
    public async Task A_batch_keeps_order_and_counts_rate_limits_by_timestamps()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 8).Select(i =>
            $$"""{"id":"c{{i}}","tool":"Refunds.Issue","args":{"amount":1},"timestamp":"2026-01-01T{{(i < 6 ? 10 : 12)}}:00:0{{i}}Z"}"""));

        CliRun run = await CliRun.WithInput(lines, "policy", "eval", "-p", _folder.Policy(), "--batch", "-", "--clock", "timestamps");

        JsonElement[] decisions = [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"c{i}"), decisions.Select(decision => decision.GetProperty("id").GetString()));
        Assert.Equal([true, true, true, false, false, false, true, true], decisions.Select(decision => decision.GetProperty("allowed").GetBoolean()));
        Assert.Equal(3597, decisions[3].GetProperty("rate_limit").GetProperty("retry_after_seconds").GetDouble());
    }

    [Fact]
    public async Task Time_never_goes_back_and_so_a_late_line_resets_no_limit()
    {
        string[] hours = ["10", "10", "10", "08", "10"];
        string lines = string.Join('\n', hours.Select(hour => $$"""{"tool":"Refunds.Issue","args":{"amount":1},"timestamp":"2026-01-01T{{hour}}:00:00Z"}"""));

        CliRun run = await CliRun.WithInput(lines, "policy", "eval", "-p", _folder.Policy(), "--batch", "-");

        Assert.Equal([true, true, true, false, false], run.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("allowed").GetBoolean()));
    }

    [Theory]
    [InlineData("{bad", "not valid JSON")]
    [InlineData("[]", "a list")]
    [InlineData("null", "null")]
    [InlineData("""{"tool":"Orders.Find","tool":"Shell.Run"}""", "repeat")]
    [InlineData("""{"tool":"Orders.Find","arg":{}}""", "'arg'")]
    [InlineData("""{"tool":"Orders.Find","session":{"idd":"x"}}""", "'session.idd'")]
    [InlineData("""{"tool":"Orders.Find","args":{},"payload":{}}""", "two names")]
    [InlineData("""{"args":{}}""", "'tool' is missing")]
    [InlineData("""{"tool":"Orders.Find","point":"pre_tol"}""", "no point")]
    [InlineData("""{"tool":"Orders.Find","point":"input","args":{}}""", "belongs to tool calls")]
    [InlineData("""{"tool":"Orders.Find","output":{}}""", "'output'")]
    [InlineData("""{"tool":"Orders.Find","timestamp":"2026-01-01T00:00:00"}""", "RFC 3339")]
    [InlineData("""{"tool":"Orders.Find","agent":"a b"}""", "'agent'")]
    [InlineData("""{"tool":"Orders.Find","schema":"agt.action/2"}""", "agt.action/1")]
    [InlineData("""{"tool":"Orders\u202E.Find"}""", "bidirectional")]
    public async Task A_bad_line_is_an_error_and_never_an_allow(string bad, string message)
    {
        string good = """{"tool":"Orders.Find"}""";

        CliRun run = await CliRun.WithInput($"{good}\n{bad}\n{good}", "policy", "eval", "-p", _folder.Policy(), "--batch", "-");

        Assert.Equal(ExitCode.Findings, run.Code);
        JsonElement[] decisions = [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal([true, false, true], decisions.Select(decision => decision.GetProperty("allowed").GetBoolean()));
        Assert.Equal(("error", 2), (decisions[1].GetProperty("outcome").GetString(), decisions[1].GetProperty("line").GetInt32()));
        Assert.Contains(message, decisions[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_an_error_and_the_next_one_is_decided()
    {
        CliRun run = await CliRun.WithInput(new string('a', 9_000_000) + "\n{\"tool\":\"Orders.Find\"}", "policy", "eval", "-p", _folder.Policy(), "--batch", "-");

        Assert.Equal([false, true], run.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("allowed").GetBoolean()));
        Assert.Equal(ExitCode.Findings, run.Code);
    }

    [Fact]
    public async Task Without_a_timestamp_a_clock_of_timestamps_refuses()
    {
        CliRun run = await CliRun.WithInput("""{"tool":"Orders.Find"}""", "policy", "eval", "-p", _folder.Policy(), "--batch", "-", "--clock", "timestamps");

        Assert.Equal(ExitCode.Findings, run.Code);
        Assert.Contains("'timestamp' is missing", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_decision_digest_is_that_of_the_canonical_decision()
    {
        CliRun run = await CliRun.WithInput("""{"id":"7","tool":"Mail.Send","args":{"body":"key-1"}}""", "policy", "eval", "-p", _folder.Policy(), "--batch", "-", "--timings");

        JsonElement decision = JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;
        using var rest = new MemoryStream();
        using (var writer = new Utf8JsonWriter(rest))
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in decision.EnumerateObject().Where(p => p.Name is not ("schema" or "line" or "id" or "duration_us" or "decision_digest")))
                property.WriteTo(writer);
            writer.WriteEndObject();
        }

        Assert.Equal(CanonicalJson.DigestOf(GovernedValue.FromJson(rest.ToArray())).ToString(), decision.GetProperty("decision_digest").GetString());
        Assert.True(decision.GetProperty("duration_us").GetDouble() >= 0);
        Assert.Equal("apply_patches", decision.GetProperty("obligations")[0].GetString());
    }

    [Fact]
    public async Task The_same_batch_gives_the_same_bytes()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 300).Select(i => $$"""{"tool":"Refunds.Issue","agent":"a{{i % 7}}","args":{"amount":{{i * 3}}},"timestamp":"2026-01-01T10:{{i / 60:00}}:{{i % 60:00}}Z"}"""));
        string[] arguments = ["policy", "eval", "-p", _folder.Policy(), "--batch", "-"];

        Assert.Equal((await CliRun.WithInput(lines, arguments)).Output, (await CliRun.WithInput(lines, arguments)).Output);
    }

    [Theory]
    [InlineData(ExitCode.Denied, "Shell.Run")]
    [InlineData(ExitCode.Success, "Orders.Find")]
    public async Task The_caller_can_ask_for_a_denial_in_the_exit_code(int code, string tool) =>
        Assert.Equal(code, (await CliRun.WithInput($$"""{"tool":"{{tool}}"}""", "policy", "eval", "-p", _folder.Policy(), "--input", "-", "--fail-on-deny")).Code);

    [Theory]
    [InlineData("--batch", "nothing.jsonl", "no such file")]
    [InlineData("--batch", "", "directory")]
    [InlineData("--input", "nothing.json", "no such file")]
    public async Task What_cannot_be_read_is_named(string option, string file, string message)
    {
        CliRun run = await CliRun.Of("policy", "eval", "-p", _folder.Policy(), option, _folder[file]);

        Assert.Equal((ExitCode.Unreadable, string.Empty), (run.Code, run.Output));
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_policy_that_has_an_error_nothing_is_decided()
    {
        string broken = _folder.Write("broken.yaml", TempFolder.Billing.Replace("action: allow", "action: alow", StringComparison.Ordinal));

        CliRun run = await CliRun.WithInput("""{"tool":"Orders.Find"}""", "policy", "eval", "-p", broken, "--batch", "-");

        Assert.Equal((ExitCode.Unreadable, string.Empty), (run.Code, run.Output));
        Assert.Contains("broken.yaml:11:", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_without_an_action_is_an_error() =>
        Assert.Equal(ExitCode.Findings, (await CliRun.WithInput("\n \n", "policy", "eval", "-p", _folder.Policy(), "--batch", "-")).Code);
}
