using System.Text.RegularExpressions;
using static Agt.Adapters.SemanticKernel.Tests.ScriptedModel;

namespace Agt.Adapters.SemanticKernel.Tests;

public sealed class StreamingTests
{
    private static readonly Regex Mail = new("[a-z]+@[a-z.]+", RegexOptions.NonBacktracking);

    [Fact]
    [Requirement("ADP-130", "ADP-C41")]
    [Requirement("ADP-208")]
    public async Task An_allowed_stream_keeps_its_updates_in_every_type_a_caller_may_ask_for()
    {
        using var fixture = new KernelFixture();

        Assert.Equal(["a", " b", " c", ""], await ReadAsync<string>(fixture, "a b c"));
        Assert.Equal(["a", " b", " c", ""], (await ReadAsync<StreamingKernelContent>(fixture, "a b c")).Select(update => update.ToString()));
        Assert.Equal(["a", " b", " c", null], (await ReadAsync<StreamingChatMessageContent>(fixture, "a b c")).Select(update => update.Content));
    }

    [Fact]
    [Requirement("ADP-208")]
    public async Task A_stream_of_another_type_denies()
    {
        using var fixture = new KernelFixture();

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(() => ReadAsync<StreamingTextContent>(fixture, "a b c"));

        Assert.Equal(ReasonCodes.StreamingUnsupported, denied.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-136")]
    public async Task A_denied_stream_sends_no_request()
    {
        using var fixture = new KernelFixture(new TestInterceptor("policy")
        {
            Before = (context, _) => new(context.Point == InterventionPoint.Input ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
        });
        using var model = new ScriptedModel();

        await Assert.ThrowsAsync<GovernanceDeniedException>(() => ReadAsync<string>(fixture, model));

        Assert.Empty(model.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-138")]
    public async Task A_redacted_stream_carries_the_new_text_in_its_first_update(bool decorated)
    {
        using var fixture = new KernelFixture(new TestInterceptor("redacts")
        {
            After = (context, outcome, _) => new(outcome.Executed && context.Point == (decorated ? InterventionPoint.PostModelCall : InterventionPoint.Output)
                ? Verdict.Transform(ReasonCodes.RuleMatched, Patch.Redact(PatchPath.Parse("output"), Mail))
                : Verdict.Allow),
        });

        List<StreamingChatMessageContent> updates = await ReadAsync<StreamingChatMessageContent>(fixture, "write to eve@example.org now", decorated: decorated);

        Assert.Equal("write to [REDACTED] now", string.Concat(updates.Select(update => update.Content)));
        Assert.Equal(5, updates.Count);
        Assert.All(updates, update => Assert.Equal("m", update.ModelId));
        Assert.Contains("Stop", updates[^1].Metadata!["FinishReason"]!.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(10, 10_000)]
    [InlineData(1_000, 3)]
    [Requirement("ADP-131")]
    public async Task A_stream_beyond_its_bounds_is_denied_and_nothing_of_it_comes_out(int bytes, int updates)
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Says("one two three four five"));
        var seen = new List<string>();

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () =>
        {
            Kernel kernel = Build(model).Build().AddGovernance(fixture.Governance, options =>
            {
                options.MaxStreamBytes = bytes;
                options.MaxStreamUpdates = updates;
            });
            await foreach (string update in kernel.InvokePromptStreamingAsync<string>("Go."))
            {
                seen.Add(update);
            }
        });

        Assert.Equal(ReasonCodes.StreamingUnsupported, denied.Decision.Reason);
        Assert.Empty(seen);
    }

    [Theory]
    [InlineData("\u00e4\u00f6\u00fc \u00df\u20ac", 12, true)]
    [InlineData("\u00e4\u00f6\u00fc \u00df\u20ac", 11, false)]
    [InlineData("\ud83d\ude00", 4, true)]
    [InlineData("\ud83d\ude00", 3, false)]
    [InlineData("plain text", 10, true)]
    [InlineData("plain text", 9, false)]
    [Requirement("ADP-131")]
    public async Task The_bound_of_a_stream_is_counted_in_bytes(string text, int bytes, bool allowed)
    {
        var options = new SemanticKernelGovernanceOptions { MaxStreamBytes = bytes };
        IAsyncEnumerable<string> source = text.Split(' ').Select((piece, i) => i == 0 ? piece : " " + piece).ToAsyncEnumerable();

        Exception? refused = await Record.ExceptionAsync(() => Streaming.BufferedStream<string>.ReadAsync(source, options, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(allowed, refused is null);
    }

    [Fact]
    [Requirement("ADP-133")]
    public async Task Streamed_tool_calls_are_assembled_before_they_are_decided_on()
    {
        string? output = null;
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            After = (context, outcome, _) =>
            {
                output = context.Point == InterventionPoint.PostModelCall ? Values.CanonicalJson.ToString(context.Output) : output;
                return default;
            },
        });
        using var model = new ScriptedModel(Calls(("call-1", "Files-Read", """{"path":"/a"}""")));
        Kernel kernel = Build(model).AddGovernance(fixture.Governance).Build();

        await foreach (StreamingChatMessageContent update in kernel.GetRequiredService<Microsoft.SemanticKernel.ChatCompletion.IChatCompletionService>()
            .GetStreamingChatMessageContentsAsync(new Microsoft.SemanticKernel.ChatCompletion.ChatHistory("You help."), kernel: kernel))
        {
            Assert.NotNull(update);
        }

        Assert.Equal("""{"calls":[{"arguments":{"path":"/a"},"id":"call-1","name":"Files.Read","type":"function_call"}],"content":""}""", output);
    }

    private static async Task<List<T>> ReadAsync<T>(KernelFixture fixture, string reply, bool decorated = false)
    {
        using var model = new ScriptedModel(Says(reply));
        return await ReadAsync<T>(fixture, model, decorated);
    }

    private static async Task<List<T>> ReadAsync<T>(KernelFixture fixture, ScriptedModel model, bool decorated = false)
    {
        IKernelBuilder builder = Build(model);
        Kernel kernel = decorated ? builder.AddGovernance(fixture.Governance).Build() : builder.Build().AddGovernance(fixture.Governance);
        var updates = new List<T>();
        await foreach (T update in kernel.InvokePromptStreamingAsync<T>("Go."))
        {
            updates.Add(update);
        }

        return updates;
    }

    private static IKernelBuilder Build(ScriptedModel model)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        return builder;
    }
}
