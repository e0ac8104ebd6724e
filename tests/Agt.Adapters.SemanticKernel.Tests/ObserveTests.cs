using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>Streams that go out as they come, where the host only evaluates.</summary>
public sealed class ObserveTests
{
    [Theory]
    [InlineData(8_388_608, OutcomeStatus.Completed)]
    [InlineData(10, OutcomeStatus.Failed)]
    [Requirement("ADP-137", "ADP-C19", "ADP-050")]
    public async Task Every_update_goes_out_as_it_comes_and_the_whole_is_decided_on_afterwards(int bytes, OutcomeStatus ended)
    {
        using KernelFixture fixture = New(GovernanceMode.EvaluateOnly);
        StreamingChatMessageContent[] updates = [.. Enumerable.Range(0, 6).Select(i => new StreamingChatMessageContent(AuthorRole.Assistant, $"secret {i}"))];
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatCompletionService>(new ScriptedStream(updates));
        Kernel kernel = builder.AddGovernance(fixture.Governance, options => (options.Streaming, options.MaxStreamBytes) = (StreamingMode.Observe, bytes)).Build();
        int seen = 0;

        await foreach (StreamingChatMessageContent update in kernel.GetRequiredService<IChatCompletionService>()
            .GetStreamingChatMessageContentsAsync(new ChatHistory("You help."), kernel: kernel, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Same(updates[seen++], update);
            Assert.DoesNotContain(fixture.Records, record => record.IsOutcome);
        }

        Assert.Equal(6, seen);
        Assert.Equal(ended, fixture.Records.Single(record => record.IsOutcome).Status);
        Assert.All(fixture.Records.Where(record => record is { IsOutcome: true, Decision: not null }), record => Assert.False(record.Decision!.IsAllowed || record.Decision.IsEnforced));
    }

    [Fact]
    [Requirement("ADP-137")]
    public void Where_decisions_hold_nothing_may_go_out_before_them()
    {
        using KernelFixture fixture = New(GovernanceMode.Enforce);

        Assert.Contains("EvaluateOnly", Assert.Throws<InvalidOperationException>(
            () => new Kernel().AddGovernance(fixture.Governance, options => options.Streaming = StreamingMode.Observe)).Message, StringComparison.Ordinal);
    }

    private static KernelFixture New(GovernanceMode mode) => new(
        builder => builder.Services.Configure<GovernanceOptions>(options => options.Mode = mode),
        new TestInterceptor("no-secrets")
        {
            After = (context, _, _) => new(context.Point == InterventionPoint.PostModelCall ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
        });
}
