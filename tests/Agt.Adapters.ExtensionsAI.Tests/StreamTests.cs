using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class StreamTests
{
    [Fact]
    [Requirement("ADP-130", "ADP-138", "ADP-229", "ADP-C41", "ADP-X08")]
    public async Task An_allowed_stream_comes_out_as_it_went_in_update_by_update()
    {
        using var host = new Host();
        ChatResponseUpdate[] updates = [new(ChatRole.Assistant, "he"), new(ChatRole.Assistant, "llo") { FinishReason = ChatFinishReason.Stop, ResponseId = "r" }];
        var model = new ScriptedChatClient(Says("x")) { Stream = () => updates };

        List<ChatResponseUpdate> seen = await All(host.Govern(model).GetStreamingResponseAsync("x"));

        Assert.Equal(updates, seen);
        Assert.Single(host.Decisions(InterventionPoint.PreModelCall));
    }

    [Fact]
    [Requirement("ADP-133", "ADP-C44")]
    public async Task A_stream_with_a_tool_runs_the_loop()
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Calls(("c1", "echo", new() { ["s"] = "a" })), Says("done"));
        AIFunction echo = AIFunctionFactory.Create((string s) => s, "echo");

        ChatResponse response = await host.Govern(model).GetStreamingResponseAsync("x", new ChatOptions { Tools = [echo] }).ToChatResponseAsync();

        Assert.Equal("done", response.Messages[^1].Text);
        Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
        Assert.Equal(2, host.Decisions(InterventionPoint.PreModelCall).Count);
        Assert.Single(host.Records.Select(r => r.Session).Distinct());
    }

    [Fact]
    [Requirement("ADP-130", "ADP-C11", "ADP-C22")]
    public async Task A_changed_stream_is_streamed_anew_and_no_part_of_the_old_one_is_let_out()
    {
        using var host = new Host(Host.At(InterventionPoint.Output, _ => Host.Redact("output", "s3cret")));
        var model = new ScriptedChatClient(Says("x")) { Stream = () => [new(ChatRole.Assistant, "a s3c"), new(ChatRole.Assistant, "ret b") { FinishReason = ChatFinishReason.Stop, ResponseId = "r" }] };

        List<ChatResponseUpdate> seen = await All(host.Govern(model).GetStreamingResponseAsync("x"));

        Assert.Equal("a [REDACTED] b", seen.ToChatResponse().Text);
        Assert.Equal("r", seen.ToChatResponse().ResponseId);
        Assert.Equal(ChatFinishReason.Stop, seen.ToChatResponse().FinishReason);
        Assert.DoesNotContain(seen, update => update.Text.Contains("s3c", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, 8_388_608)]
    [InlineData(10_000, 25)]
    [Requirement("ADP-131", "ADP-C43")]
    public async Task A_stream_too_long_to_hold_back_is_denied_and_its_source_disposed(int updates, int bytes)
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Says("x")) { Stream = Endless };

        ChatResponse response = await host.Govern(model, options => (options.MaxBufferedUpdates, options.MaxBufferedBytes) = (updates, bytes))
            .GetStreamingResponseAsync("x").ToChatResponseAsync();

        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.StartsWith("The request was refused. (decision ", response.Text, StringComparison.Ordinal);
        Assert.True(model.StreamDisposed);
        Assert.InRange(model.Streamed, 3, 5);
        Assert.Contains(host.Decisions(InterventionPoint.PreModelCall), r => r.Decision!.Reason == ReasonCodes.StreamingUnsupported);

        static IEnumerable<ChatResponseUpdate> Endless()
        {
            while (true)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, "0123456789");
            }
        }
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
        using var host = new Host();
        var model = new ScriptedChatClient(Says("x")) { Stream = () => text.Split(' ').Select((piece, i) => new ChatResponseUpdate(ChatRole.Assistant, i == 0 ? piece : " " + piece)) };

        ChatResponse response = await host.Govern(model, options => options.MaxBufferedBytes = bytes).GetStreamingResponseAsync("x").ToChatResponseAsync();

        Assert.Equal(allowed ? text : null, response.FinishReason == ChatFinishReason.ContentFilter ? null : response.Text);
    }

    [Fact]
    [Requirement("ADP-135", "ADP-C43")]
    public async Task A_stream_that_breaks_lets_nothing_out()
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Says("x")) { Stream = Broken };
        var seen = new List<ChatResponseUpdate>();

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (ChatResponseUpdate update in host.Govern(model).GetStreamingResponseAsync("x"))
            {
                seen.Add(update);
            }
        });

        Assert.Empty(seen);
        Assert.True(model.StreamDisposed);
        Assert.All(host.Records.Where(r => r.IsOutcome), r => Assert.Equal(OutcomeStatus.Failed, r.Status));

        static IEnumerable<ChatResponseUpdate> Broken()
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "a");
            throw new IOException("gone");
        }
    }

    [Fact]
    [Requirement("ADP-135", "ADP-136")]
    public async Task Nothing_is_sent_before_the_stream_is_read_and_a_reader_may_stop_early()
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Says("x")) { Stream = () => [new(ChatRole.Assistant, "a"), new(ChatRole.Assistant, "b")] };

        IAsyncEnumerable<ChatResponseUpdate> stream = host.Govern(model).GetStreamingResponseAsync("x");
        Assert.Empty(model.Requests);
        await foreach (ChatResponseUpdate update in stream)
        {
            break;
        }

        Assert.True(model.StreamDisposed);
        Assert.All(host.Records.Where(r => r.IsOutcome), r => Assert.Equal(OutcomeStatus.Completed, r.Status));
    }

    private static async Task<List<ChatResponseUpdate>> All(IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        var all = new List<ChatResponseUpdate>();
        await foreach (ChatResponseUpdate update in stream)
        {
            all.Add(update);
        }

        return all;
    }
}
