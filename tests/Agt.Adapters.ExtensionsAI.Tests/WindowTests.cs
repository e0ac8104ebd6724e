using Agt.Audit;
using Agt.Signals;
using Agt.Values;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>Streams that are let out while they come.</summary>
public sealed class WindowTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i:000}; "));

    [Fact]
    [Requirement("ADP-132", "ADP-138")]
    public async Task Text_goes_out_while_it_comes_and_comes_out_as_it_went_in()
    {
        using Host host = NewHost();
        int sentAtFirst = -1;
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long) };
        var seen = new List<ChatResponseUpdate>();

        await foreach (ChatResponseUpdate update in Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
        {
            sentAtFirst = sentAtFirst < 0 ? model.Streamed : sentAtFirst;
            seen.Add(update);
        }

        Assert.InRange(sentAtFirst, 1, 80);
        ChatResponse response = seen.ToChatResponse();
        Assert.Equal(Long, response.Text);
        Assert.Equal(("r-1", ChatFinishReason.Stop, 12L), (response.ResponseId, response.FinishReason, response.Usage!.TotalTokenCount));
        Assert.Single(host.Decisions(InterventionPoint.Input));
        Assert.Single(host.Decisions(InterventionPoint.PreModelCall));
        Assert.Equal(2, host.Records.Count(record => record.IsOutcome));
    }

    [Theory]
    [InlineData(InterventionPoint.PostModelCall)]
    [InlineData(InterventionPoint.Output)]
    [Requirement("ADP-132", "ADP-C42")]
    public async Task A_blocked_text_ends_the_stream_and_no_character_of_it_is_out(InterventionPoint point)
    {
        using Host host = NewHost(point);
        string text = Long + "DROP TABLE users" + Long;
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(text) };

        List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ChatFinishReason.ContentFilter, seen[^1].FinishReason);
        Assert.StartsWith("Denied by governance policy. (decision ", seen[^1].Text, StringComparison.Ordinal);
        string released = string.Concat(seen.SkipLast(1).Select(update => update.Text));
        Assert.StartsWith(released, Long, StringComparison.Ordinal);
        Assert.NotEmpty(released);
        Assert.True(model.StreamDisposed);
        Assert.True(model.Streamed < text.Length / 7);
        Assert.Contains(host.Records, record => record.IsOutcome && record.Decision?.Reason == ReasonCodes.RuleDenied);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-132")]
    public async Task Where_one_interceptor_has_to_see_the_whole_nothing_goes_out_before_it_is_there(bool declaresNull)
    {
        using var host = new Host(Blocks(InterventionPoint.Output, ["DROP TABLE"]), declaresNull ? new Windowed("whole") : new TestInterceptor("whole"));
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long) };
        int sentAtFirst = -1;

        await foreach (ChatResponseUpdate update in Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
        {
            sentAtFirst = sentAtFirst < 0 ? model.Streamed : sentAtFirst;
        }

        Assert.Equal(Updates(Long).Count(), sentAtFirst);
    }

    [Fact]
    [Requirement("ADP-133", "ADP-132", "ADP-C44")]
    public async Task A_call_is_whole_and_decided_on_before_the_loop_sees_it_and_text_flows_again_after_it()
    {
        using Host host = NewHost();
        int round = 0;
        var model = new ScriptedChatClient(Says("x"), Says("y"))
        {
            Stream = () => round++ == 0
                ? [.. Updates(Long), new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "echo", new Dictionary<string, object?> { ["s"] = "a" })])]
                : Updates(Long),
        };
        var ran = new List<string>();
        AIFunction echo = AIFunctionFactory.Create((string s) => { ran.Add(s); return s; }, "echo");

        List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync(
            "x", new ChatOptions { Tools = [echo] }, TestContext.Current.CancellationToken));

        Assert.Equal(["a"], ran);
        Assert.Equal(Long + Long, string.Concat(seen.Select(update => update.Text)));
        int result = seen.FindIndex(update => update.Contents.OfType<FunctionResultContent>().Any());
        Assert.InRange(result, 2, seen.Count - 3);
        LoggedRecord call = Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
        Assert.Single(host.Records.Select(record => record.Session).Distinct());
        Assert.Equal(call.Session, host.Decisions(InterventionPoint.Input)[0].Session);
        Assert.Equal(2, host.Decisions(InterventionPoint.PreModelCall).Count);
    }

    [Fact]
    [Requirement("ADP-133", "ADP-C44")]
    public async Task A_blocked_text_in_the_arguments_of_a_call_keeps_it_from_the_loop()
    {
        using Host host = NewHost(InterventionPoint.PostModelCall);
        var model = new ScriptedChatClient(Calls(("c1", "sql", new() { ["q"] = new Dictionary<string, object?> { ["x"] = "drop table users" } })), Says("never"));
        bool ran = false;
        AIFunction sql = AIFunctionFactory.Create((object q) => ran = true, "sql");

        ChatResponse response = await Window(host, model).GetStreamingResponseAsync("x", new ChatOptions { Tools = [sql] }, TestContext.Current.CancellationToken)
            .ToChatResponseAsync(TestContext.Current.CancellationToken);

        Assert.False(ran);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
    }

    [Fact]
    [Requirement("ADP-135", "ADP-C43")]
    public async Task Who_stops_early_ends_the_source_and_the_operations()
    {
        var partial = new List<bool>();
        using var host = new Host(new Listener(partial));
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long) };

        await foreach (ChatResponseUpdate _ in Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
        {
            break;
        }

        Assert.True(model.StreamDisposed);
        Assert.Equal([OutcomeStatus.Abandoned, OutcomeStatus.Abandoned], host.Records.Where(record => record.IsOutcome).Select(record => record.Status!.Value));
        Assert.Equal([true, true], partial);
    }

    [Fact]
    [Requirement("ADP-135", "ADP-C43")]
    public async Task A_source_that_breaks_lets_nothing_more_out()
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Says("x")) { Stream = Breaking };
        var seen = new List<string>();

        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (ChatResponseUpdate update in Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
            {
                seen.Add(update.Text);
            }
        });

        Assert.True(string.Concat(seen).Length <= Long.Length - 64);
        Assert.Equal([OutcomeStatus.Failed, OutcomeStatus.Failed], host.Records.Where(record => record.IsOutcome).Select(record => record.Status!.Value));

        static IEnumerable<ChatResponseUpdate> Breaking()
        {
            foreach (ChatResponseUpdate update in Updates(Long).SkipLast(1))
            {
                yield return update;
            }

            throw new TimeoutException();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-134", "ADP-136")]
    public async Task What_cannot_be_judged_and_what_is_denied_before_ends_without_a_word_of_it(bool before)
    {
        using Host host = before
            ? new Host(new Windowed("no", []) { Before = context => context.Point == InterventionPoint.PreModelCall ? Host.Deny() : default })
            : NewHost();
        var model = new ScriptedChatClient(Says("x")) { Stream = () => [new(ChatRole.Assistant, [new Odd()])] };

        List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ChatFinishReason.ContentFilter, Assert.Single(seen).FinishReason);
        Assert.Equal(before ? 0 : 1, model.Requests.Count);
    }

    [Theory]
    [InlineData(3, 8_388_608)]
    [InlineData(10_000, 25)]
    [Requirement("ADP-131", "ADP-C43")]
    public async Task A_stream_that_is_too_long_is_cut_off_and_its_source_disposed(int updates, int bytes)
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long) };
        IChatClient client = host.Govern(model, options => (options.Streaming, options.MaxBufferedUpdates, options.MaxBufferedBytes) = (StreamingMode.Window, updates, bytes));

        List<ChatResponseUpdate> seen = await All(client.GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ChatFinishReason.ContentFilter, Assert.Single(seen).FinishReason);
        Assert.True(model.StreamDisposed);
        Assert.Equal(4, model.Streamed);
        Assert.Contains(host.Decisions(InterventionPoint.PreModelCall), record => record.Decision!.Reason == ReasonCodes.StreamingUnsupported);
    }

    [Fact]
    [Requirement("ADP-062", "ADP-132")]
    public async Task A_session_that_is_killed_ends_its_streams_at_once()
    {
        using Host host = NewHost();
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous));
        using GovernanceScope.Scope scope = GovernanceScope.Enter(session);
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long + Long) };
        var seen = new List<ChatResponseUpdate>();

        await foreach (ChatResponseUpdate update in Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
        {
            seen.Add(update);
            if (seen.Count == 1)
            {
                host.Services.GetRequiredService<GovernanceSignals>().Kill(SignalTarget.ForSession(session));
            }
        }

        Assert.Equal(ChatFinishReason.ContentFilter, seen[^1].FinishReason);
        Assert.True(string.Concat(seen.SkipLast(1).Select(update => update.Text)).Length < Long.Length);
        Assert.True(model.StreamDisposed);
        Assert.Contains(host.Records, record => record.Decision?.Reason == ReasonCodes.Killed);
    }

    [Fact]
    [Requirement("ADP-132")]
    public async Task A_reply_can_be_denied_but_not_changed_once_a_part_of_it_is_out()
    {
        using var host = new Host(new Windowed("liar", ["never"]) { After = context => context.Point == InterventionPoint.Output ? Host.Redact("output", "line 099") : default });
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long) };

        List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ChatFinishReason.ContentFilter, seen[^1].FinishReason);
        Assert.DoesNotContain("line 099", string.Concat(seen.Select(update => update.Text)), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-132")]
    public async Task A_text_that_was_named_does_not_go_out_even_if_who_named_it_lets_it_pass()
    {
        using var host = new Host(new Windowed("liar", ["DROP TABLE"]));
        var model = new ScriptedChatClient(Says("x")) { Stream = () => Updates(Long + "drop table") };

        List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ChatFinishReason.ContentFilter, seen[^1].FinishReason);
        Assert.DoesNotContain("drop", string.Concat(seen.Select(update => update.Text)), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-132", "ADP-138", "ADP-C42")]
    public async Task However_a_stream_is_cut_it_comes_out_whole_or_ends_before_the_first_character_of_a_blocked_text()
    {
        using Host host = NewHost();
        Gen<string> pieces = Gen.OneOf(Gen.Const("DROP"), Gen.Const(" "), Gen.Const("table"), Gen.Const("drop table"), Gen.String[Gen.Char['a', 'z'], 0, 300]);
        await pieces.List[1, 12].SampleAsync(async parts =>
        {
            var model = new ScriptedChatClient(Says("x")) { Stream = () => [.. parts.Select(part => new ChatResponseUpdate(ChatRole.Assistant, part))] };
            List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync("x"));

            string whole = string.Concat(parts);
            int blocked = whole.IndexOf("drop table", StringComparison.OrdinalIgnoreCase);
            if (blocked < 0)
            {
                return string.Concat(seen.Select(update => update.Text)) == whole;
            }

            string released = string.Concat(seen.SkipLast(1).Select(update => update.Text));
            return seen[^1].FinishReason == ChatFinishReason.ContentFilter && released.Length <= blocked && whole.StartsWith(released, StringComparison.Ordinal);
        }, iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("author")]
    [InlineData("role")]
    [InlineData("finish")]
    [InlineData("citation")]
    public async Task A_blocked_text_hides_nowhere_beside_the_text(string where)
    {
        using Host host = NewHost();
        var hiding = new ChatResponseUpdate(ChatRole.Assistant, "harmless");
        switch (where)
        {
            case "author":
                hiding.AuthorName = "drop table";
                break;
            case "role":
                hiding.Role = new ChatRole("drop table");
                break;
            case "finish":
                hiding.FinishReason = new ChatFinishReason("drop table");
                break;
            default:
                hiding.Contents[0].Annotations = [new CitationAnnotation { Snippet = "drop table" }];
                break;
        }

        var model = new ScriptedChatClient(Says("x")) { Stream = () => [.. Updates(Long).SkipLast(1), hiding, .. Updates(Long)] };

        List<ChatResponseUpdate> seen = await All(Window(host, model).GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ChatFinishReason.ContentFilter, seen[^1].FinishReason);
        Assert.DoesNotContain(hiding, seen);
        Assert.DoesNotContain(seen, update => update.AuthorName is not null || update.Contents.Any(content => content.Annotations is { Count: > 0 }));
    }

    private static IChatClient Window(Host host, ScriptedChatClient model) => host.Govern(model, options => options.Streaming = StreamingMode.Window);

    private static async Task<List<ChatResponseUpdate>> All(IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        var all = new List<ChatResponseUpdate>();
        await foreach (ChatResponseUpdate update in stream)
        {
            all.Add(update);
        }

        return all;
    }

    private static IEnumerable<ChatResponseUpdate> Updates(string text) =>
    [
        .. text.Chunk(7).Select(piece => new ChatResponseUpdate(ChatRole.Assistant, new string(piece)) { ResponseId = "r-1", MessageId = "m-1" }),
        new(ChatRole.Assistant, [new UsageContent(new UsageDetails { TotalTokenCount = 12 })]) { ResponseId = "r-1", MessageId = "m-1", FinishReason = ChatFinishReason.Stop },
    ];

    private static Host NewHost(InterventionPoint point = InterventionPoint.Output) => new(Blocks(point, ["DROP TABLE"]));

    private static Windowed Blocks(InterventionPoint point, IReadOnlyList<string> literals) => new("blocks", literals)
    {
        Point = point,
        After = context => context.Point == point && literals.Any(literal => CanonicalJson.ToString(context.Output).Contains(literal, StringComparison.OrdinalIgnoreCase)) ? Host.Deny() : default,
    };

    private sealed class Odd : AIContent;

    private sealed class Windowed(string name, IReadOnlyList<string>? literals = null) : IWindowedInterceptor
    {
        public string Name => name;

        public InterceptorStage Stage => InterceptorStage.Content;

        internal Func<OperationContext, Verdict> Before { get; init; } = _ => default;

        internal Func<OperationContext, Verdict> After { get; init; } = _ => default;

        /// <summary>Where the texts are denied; null for everywhere.</summary>
        internal InterventionPoint? Point { get; init; }

        public IReadOnlyList<string>? BlockedLiterals(GovernedAction action) =>
            Point is null || action.Template.Point == (Point == InterventionPoint.Output ? InterventionPoint.Input : InterventionPoint.PreModelCall) ? literals : [];

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(Before(context));

        public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) => new(outcome.Executed ? After(context) : default);
    }

    /// <summary>Sees whether results are whole, and denies no text.</summary>
    private sealed class Listener(List<bool> partial) : IInterceptor, IWindowedInterceptor
    {
        public string Name => "listener";

        public InterceptorStage Stage => InterceptorStage.Content;

        public IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => [];

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => default;

        public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken)
        {
            partial.AddRange(context.Template.Point == InterventionPoint.AgentStartup ? [] : [outcome.IsPartial]);
            return default;
        }
    }
}
