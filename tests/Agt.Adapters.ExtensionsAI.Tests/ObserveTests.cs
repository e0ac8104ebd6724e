using Microsoft.Extensions.DependencyInjection;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>Streams that go out as they come, where the host only evaluates.</summary>
public sealed class ObserveTests
{
    [Theory]
    [InlineData(8_388_608, OutcomeStatus.Completed)]
    [InlineData(20, OutcomeStatus.Failed)]
    [Requirement("ADP-137", "ADP-C19", "ADP-050")]
    public async Task Every_update_goes_out_as_it_comes_and_the_whole_is_decided_on_afterwards(int bytes, OutcomeStatus ended)
    {
        using Host host = New(GovernanceMode.EvaluateOnly);
        ChatResponseUpdate[] updates = [.. Enumerable.Range(0, 6).Select(i => new ChatResponseUpdate(ChatRole.Assistant, $"secret {i}") { RawRepresentation = i })];
        var model = new ScriptedChatClient(Says("x")) { Stream = () => updates };
        IChatClient client = host.Govern(model, options => (options.Streaming, options.MaxBufferedBytes) = (StreamingMode.Observe, bytes));
        int seen = 0;

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Same(updates[seen++], update);
            Assert.Equal(seen - 1, update.RawRepresentation);
            Assert.Equal(seen, model.Streamed);
            Assert.DoesNotContain(host.Records, record => record.IsOutcome);
        }

        Assert.Equal(6, seen);
        Assert.Equal([ended, ended], host.Records.Where(record => record.IsOutcome).Select(record => record.Status!.Value));
        Assert.All(
            host.Records.Where(record => record is { IsOutcome: true, Decision: not null }),
            record => Assert.Equal((VerdictOutcome.Deny, false), (record.Decision!.Outcome, record.Decision.IsEnforced)));
    }

    [Fact]
    [Requirement("ADP-137")]
    public void Where_decisions_hold_nothing_may_go_out_before_them()
    {
        using Host host = New(GovernanceMode.Enforce);

        Assert.Contains("EvaluateOnly", Assert.Throws<InvalidOperationException>(
            () => host.Govern(new ScriptedChatClient(), options => options.Streaming = StreamingMode.Observe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-050", "ADP-C19")]
    public async Task A_loop_runs_as_it_would_without_governance()
    {
        using Host host = New(GovernanceMode.EvaluateOnly, Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var model = new ScriptedChatClient(Calls(("c1", "echo", new() { ["s"] = "a" })), Says("a secret"));
        int ran = 0;
        AIFunction echo = AIFunctionFactory.Create((string s) => ++ran, "echo");

        ChatResponse response = await host.Govern(model).GetResponseAsync("x", new ChatOptions { Tools = [echo] });

        Assert.Equal((1, "a secret"), (ran, response.Messages[^1].Text));
        Assert.False(Assert.Single(host.Decisions(InterventionPoint.PreToolCall)).Decision!.IsAllowed);
    }

    private static Host New(GovernanceMode mode, params IInterceptor[] more) => new(
        builder => builder.Services.Configure<GovernanceOptions>(options => options.Mode = mode),
        [new TestInterceptor("no-secrets")
        {
            After = (context, _, _) => new(context.Point is InterventionPoint.Output or InterventionPoint.PostModelCall ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
        }, .. more]);
}
