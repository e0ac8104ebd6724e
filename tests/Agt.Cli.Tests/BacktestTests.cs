using System.Text.Json;
using Agt.Audit;
using Agt.Testing;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Cli.Tests;

public sealed class BacktestTests : IDisposable
{
    private const string Old = """
        apiVersion: governance.toolkit/v1
        name: refunds
        agents: ["*"]
        default_action: deny
        rules:
          - name: small
            condition: tool_name == 'Refunds.Issue' and amount <= 500
            action: allow
          - name: reading
            condition: tool_name == 'Orders.Find'
            action: allow
        """;

    private const string New = """
        apiVersion: governance.toolkit/v1
        name: refunds
        agents: ["*"]
        default_action: deny
        rules:
          - name: tiny
            condition: tool_name == 'Refunds.Issue' and amount <= 100
            action: allow
          - name: large
            condition: tool_name == 'Refunds.Issue' and amount > 400
            action: require_approval
            approvers: [finance]
          - name: reading
            condition: tool_name == 'Orders.Find'
            action: allow
          - name: listing
            condition: tool_name == 'Orders.List' and 'pii' not in session.labels
            action: allow
        """;

    private static readonly Principal Agent = new(AgentId.Parse("billing-1"));
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Another_policy_is_held_against_what_really_happened()
    {
        string log = await LogAsync(ContextCapture.Clear);
        _folder.Write("new.yaml", New);
        CliRun run = await CliRun.Of("policy", "backtest", "--log", log, "--policy", _folder["new.yaml"], "--json", "--html", _folder["report.html"]);
        Assert.Equal((ExitCode.Success, string.Empty), (run.Code, run.Errors));
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        JsonElement changes = report.GetProperty("changes");
        Assert.Equal(
            (1, 1, 1),
            (changes.GetProperty("newly_denied").GetInt32(), changes.GetProperty("newly_allowed").GetInt32(), changes.GetProperty("newly_asked").GetInt32()));
        JsonElement denied = report.GetProperty("groups").EnumerateArray().Single(group => group.GetProperty("change").GetString() == "newly_denied");
        Assert.Equal(("billing-1", "Refunds.Issue", "small"), (denied.GetProperty("agent").GetString(), denied.GetProperty("action").GetString(), denied.GetProperty("rule_then").GetString()));
        Assert.Equal(0, report.GetProperty("not_replayed").GetProperty("no_arguments").GetInt32());
        Assert.Contains("newly denied", await File.ReadAllTextAsync(_folder["report.html"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(run.Output, (await CliRun.Of("policy", "backtest", "--log", log, "--policy", _folder["new.yaml"], "--json")).Output);

        CliRun text = await CliRun.Of("policy", "backtest", "--log", log, "--policy", _folder["new.yaml"], "--fail-on-change");
        Assert.Equal(ExitCode.Findings, text.Code);
        Assert.Contains("newly denied", text.Output, StringComparison.Ordinal);
        _folder.Write("old.yaml", Old);
        Assert.Equal(ExitCode.Success, (await CliRun.Of("policy", "backtest", "--log", log, "--policy", _folder["old.yaml"], "--fail-on-change")).Code);
    }

    [Fact]
    [Requirement("AUD-814", Partial = "in-toto and CycloneDX; SPDX is not written")]
    public async Task What_a_decision_was_made_from_is_written_in_the_forms_of_other_tools()
    {
        string log = await LogAsync(ContextCapture.Digest);
        string decision = (await CliRun.Of("audit", "query", log, "--kind", "decision", "-n", "1", "--json")).Output.Trim();
        string id = JsonDocument.Parse(decision).RootElement.GetProperty("record").GetProperty("record_id").GetString()!;
        Assert.Equal(id, JsonDocument.Parse((await CliRun.Of("audit", "bom", log, id)).Output).RootElement.GetProperty("decision_id").GetString());
        Assert.Equal("CycloneDX", JsonDocument.Parse((await CliRun.Of("audit", "bom", log, id, "--format", "cyclonedx")).Output).RootElement.GetProperty("bomFormat").GetString());
        CliRun signed = await CliRun.Of("audit", "bom", log, id, "--format", "dsse");
        Assert.True(Agt.Audit.Statements.DsseEnvelope.TryParse(System.Text.Encoding.UTF8.GetBytes(signed.Output), out Agt.Audit.Statements.DsseEnvelope? envelope, out string? error), error);
        Assert.True(Agt.Audit.Notes.VerifierKey.TryParse((await File.ReadAllTextAsync(Path.Combine(log, "log.key.pub"), TestContext.Current.CancellationToken)).Trim(), out Agt.Audit.Notes.VerifierKey? key));
        Assert.True(envelope.IsSignedBy(key));
    }

    [Fact]
    public async Task What_cannot_be_decided_on_again_is_counted()
    {
        string log = await LogAsync(ContextCapture.Digest);
        _folder.Write("new.yaml", New);
        CliRun run = await CliRun.Of("policy", "backtest", "--log", log, "--policy", _folder["new.yaml"], "--json");
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        // Four calls, and the start of the agent.
        Assert.Equal(5, report.GetProperty("not_replayed").GetProperty("no_arguments").GetInt32());
        Assert.Equal(report.GetProperty("records").GetInt32(), report.GetProperty("replayed").GetInt32() + report.GetProperty("not_replayed").EnumerateObject().Sum(reason => reason.Value.GetInt32()));
        Assert.Equal(ExitCode.Unreadable, (await CliRun.Of("policy", "backtest", "--log", _folder["nowhere"], "--policy", _folder["new.yaml"])).Code);
    }

    [Fact]
    [Requirement("AUD-604", "AUD-606", "AUD-710")]
    public async Task Sealed_arguments_are_replayed_with_the_key_and_no_more_once_they_are_erased()
    {
        string log = await LogAsync(ContextCapture.Sealed);
        _folder.Write("new.yaml", New);
        string[] backtest = ["policy", "backtest", "--log", log, "--policy", _folder["new.yaml"], "--json", "--seal-key", Path.Combine(log, "seal.key")];
        Assert.Equal(0, NoArguments(await CliRun.Of(backtest)));
        Assert.Equal(5, NoArguments(await CliRun.Of(backtest[..^2])));
        Assert.Contains("arguments (disclosed)            {\"order\":\"A\"}", (await CliRun.Of("audit", "show", log, "2", "--seal-key", Path.Combine(log, "seal.key"))).Output, StringComparison.Ordinal);
        CliRun erased = await CliRun.Of("audit", "erase", log, "--subject", "billing-1", "--basis", "GDPR Art. 17", "--actor", "dpo");
        Assert.Equal((0, "erased; the record of it is in the log\n", string.Empty), (erased.Code, erased.Output, erased.Errors));
        Assert.Equal(5, NoArguments(await CliRun.Of(backtest)));
        Assert.Equal(0, (await CliRun.Of("audit", "verify", log, "--vkey", Path.Combine(log, "log.key.pub"))).Code);

        static int NoArguments(CliRun run) => JsonDocument.Parse(run.Output).RootElement.GetProperty("not_replayed").GetProperty("no_arguments").GetInt32();
    }

    private async Task<string> LogAsync(ContextCapture capture)
    {
        string directory = _folder["log"];
        var services = new ServiceCollection();
        services.AddGovernance().AddPolicyText(Old).AddAudit(options => (options.Directory, options.Context) = (directory, capture));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IGovernance governance = provider.GetRequiredService<IGovernance>();
        await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
        foreach ((string tool, string arguments) in new[] { ("Orders.Find", """{"order":"A"}"""), ("Refunds.Issue", """{"amount":300}"""), ("Refunds.Issue", """{"amount":450}"""), ("Orders.List", """{"page":1}""") })
        {
            var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity(tool, effects: ToolEffects.Reads), "test");
            await governance.InvokeAsync(new GovernedAction(template, session, GovernedValue.FromJson(arguments)), 0, static (_, _, _) => new ValueTask<string>("done"), TextCodec.Instance, CancellationToken.None);
        }

        return directory;
    }
}
