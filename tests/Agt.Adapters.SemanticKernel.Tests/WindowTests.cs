using Agt.Audit;
using Agt.Signals;
using Agt.Values;
using CsCheck;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;
using static Agt.Adapters.SemanticKernel.Tests.ScriptedModel;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>Streams that are let out while they come.</summary>
public sealed class WindowTests
{
    private const string Blocked = "DROP TABLE";
    private static readonly string Long = string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i:000}; "));

    [Fact]
    [Requirement("ADP-132", "ADP-138", "ADP-C41")]
    public async Task Text_goes_out_while_it_comes_and_comes_out_as_it_went_in()
    {
        using KernelFixture fixture = NewFixture();
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));
        var seen = new List<StreamingChatMessageContent>();
        int sentAtFirst = -1;

        await foreach (StreamingChatMessageContent update in Stream(fixture, model))
        {
            sentAtFirst = sentAtFirst < 0 ? model.Streamed : sentAtFirst;
            seen.Add(update);
        }

        Assert.InRange(sentAtFirst, 1, 80);
        Assert.Equal(Long, TextOf(seen));
        Assert.Equal("Stop", seen[^1].Metadata!["FinishReason"]);
        Assert.All(seen, update => Assert.Equal("m", update.ModelId));
        Assert.Single(fixture.Decisions);
        Assert.Single(fixture.Records, record => record.IsOutcome);
    }

    [Fact]
    [Requirement("ADP-132", "ADP-C42")]
    public async Task A_blocked_text_ends_the_stream_with_one_update_and_no_character_of_it_is_out()
    {
        using KernelFixture fixture = NewFixture();
        string text = Long + Blocked + " users" + Long;
        var model = new ScriptedStream(ScriptedStream.Pieces(text));

        List<StreamingChatMessageContent> seen = await Stream(fixture, model).ToListAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("Denied by governance policy. (decision ", seen[^1].Content, StringComparison.Ordinal);
        Assert.Equal("ContentFilter", seen[^1].Metadata!["FinishReason"]);
        string released = TextOf(seen.SkipLast(1));
        Assert.NotEmpty(released);
        Assert.StartsWith(released, Long, StringComparison.Ordinal);
        Assert.All(seen, update => Assert.Null(update.InnerContent));
        Assert.True(model.IsDisposed);
        Assert.True(model.Streamed < text.Length / 7);
        Assert.Contains(fixture.Records, record => record.IsOutcome && record.Decision?.Reason == ReasonCodes.RuleDenied);
    }

    [Fact]
    [Requirement("ADP-132")]
    public void However_a_blocked_text_is_cut_no_character_of_it_and_no_metadata_about_it_is_out()
    {
        Gen.Select(Gen.Int[0, 900], Gen.Int[1, 40], Gen.Bool).Sample(
            (before, size, lower) =>
            {
                using KernelFixture fixture = NewFixture();
                string clean = string.Concat(Enumerable.Repeat("abcdefg ", 120))[..before];
                string text = clean + (lower ? "drop table" : Blocked) + " users";
                var model = new ScriptedStream(text.Chunk(size).Select(piece =>
                    new StreamingChatMessageContent(AuthorRole.Assistant, new string(piece), metadata: new Dictionary<string, object?> { ["Raw"] = new string(piece) })));
                var seen = new List<StreamingChatMessageContent>();
                try
                {
                    seen = Stream(fixture, model).ToListAsync(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
                    seen.RemoveAt(seen.Count - 1);
                }
                catch (GovernanceDeniedException denied)
                {
                    Assert.Equal(ReasonCodes.RuleDenied, denied.Decision.Reason);
                }

                return clean.StartsWith(TextOf(seen), StringComparison.Ordinal) &&
                    clean.StartsWith(string.Concat(seen.Select(update => update.Metadata?.GetValueOrDefault("Raw"))), StringComparison.Ordinal);
            },
            iter: 60);
    }

    [Theory]
    [InlineData("author")]
    [InlineData("model")]
    [InlineData("role")]
    [Requirement("ADP-132")]
    public async Task A_blocked_text_beside_the_text_does_not_go_out_either(string where)
    {
        using KernelFixture fixture = NewFixture();
        var odd = new StreamingChatMessageContent(where == "role" ? new AuthorRole(Blocked) : AuthorRole.Assistant, "x", modelId: where == "model" ? Blocked : "m")
        {
            AuthorName = where == "author" ? Blocked : null,
        };

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            async () => await Stream(fixture, new ScriptedStream(odd)).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ReasonCodes.StreamingUnsupported, denied.Decision.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-132")]
    public async Task Where_one_interceptor_has_to_see_the_whole_nothing_goes_out_before_it_is_there(bool declaresNull)
    {
        using KernelFixture fixture = NewFixture(declaresNull ? new Windowed("whole", null) : new TestInterceptor("whole"));
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));
        int sentAtFirst = -1;

        await foreach (StreamingChatMessageContent update in Stream(fixture, model))
        {
            sentAtFirst = sentAtFirst < 0 ? model.Streamed : sentAtFirst;
        }

        Assert.Equal(ScriptedStream.Pieces(Long).Count(), sentAtFirst);
    }

    [Fact]
    [Requirement("ADP-130", "ADP-C41")]
    public async Task Without_the_option_a_stream_is_held_back_until_it_is_whole()
    {
        using KernelFixture fixture = NewFixture();
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));
        int sentAtFirst = -1;

        await foreach (StreamingChatMessageContent update in Stream(fixture, model, StreamingMode.Buffer))
        {
            sentAtFirst = sentAtFirst < 0 ? model.Streamed : sentAtFirst;
        }

        Assert.Equal(ScriptedStream.Pieces(Long).Count(), sentAtFirst);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-136")]
    public async Task A_denied_request_is_not_sent_and_throws(bool hooksRemoved)
    {
        using KernelFixture fixture = NewFixture(new Windowed("denies", []) { Before = _ => hooksRemoved ? default : Verdict.Deny(ReasonCodes.RuleDenied) });
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));
        Build(fixture, model, StreamingMode.Window);
        if (hooksRemoved)
        {
            fixture.Kernel.FunctionInvocationFilters.Clear();
        }

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            async () => await Stream(fixture).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Equal(hooksRemoved ? ReasonCodes.BypassDetected : ReasonCodes.RuleDenied, denied.Decision.Reason);
        Assert.Equal(0, model.Streamed);
    }

    [Fact]
    [Requirement("ADP-133", "ADP-C44")]
    public async Task From_a_call_on_updates_wait_and_the_calls_of_the_loop_are_decided_on_in_the_same_session()
    {
        using KernelFixture fixture = NewFixture();
        using var model = new ScriptedModel(Calls(("c1", "Files-Read", """{"path":"/a"}"""), ("c2", "Files-Format", "{}")), Says(Long));
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        fixture.Kernel = builder.AddGovernance(fixture.Governance, options => options.Streaming = StreamingMode.Window).Build();
        fixture.Add("Files", "Read", (string path) => "content of " + path);
        var history = new ChatHistory("Go.");

        List<StreamingChatMessageContent> seen = await Stream(fixture, history, new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() })
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Long, TextOf(seen));
        Assert.Equal("content of /a", model.ToolResults["c1"]);
        Assert.Equal(["c1", "c2"], history.SelectMany(message => message.Items).OfType<FunctionResultContent>().Select(result => result.CallId));
        Assert.Single(fixture.Decisions.Select(record => record.Session).Distinct());
        Assert.Equal(
            [(null, VerdictOutcome.Allow), ("c1", VerdictOutcome.Allow), ("c2", VerdictOutcome.Deny)],
            fixture.Decisions.Select(record => (record.CallId, record.Decision!.Outcome)));
        LoggedRecord outer = fixture.Decisions[0];
        Assert.All(fixture.Decisions.Skip(1), record => Assert.Equal(outer.Session, record.Session));
    }

    [Fact]
    [Requirement("ADP-135", "ADP-C43")]
    public async Task Who_stops_early_ends_the_source_and_the_operation()
    {
        using KernelFixture fixture = NewFixture();
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));

        await foreach (StreamingChatMessageContent update in Stream(fixture, model))
        {
            break;
        }

        Assert.True(model.IsDisposed);
        Assert.Equal([OutcomeStatus.Abandoned], fixture.Records.Where(record => record.IsOutcome).Select(record => record.Status!.Value));
    }

    [Fact]
    [Requirement("ADP-135", "ADP-C43")]
    public async Task A_source_that_breaks_lets_nothing_more_out()
    {
        using KernelFixture fixture = NewFixture();
        var model = new ScriptedStream(ScriptedStream.Pieces(Long)) { Before = (i, _) => i == 60 ? Task.FromException(new TimeoutException()) : Task.CompletedTask };
        var seen = new List<StreamingChatMessageContent>();

        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (StreamingChatMessageContent update in Stream(fixture, model))
            {
                seen.Add(update);
            }
        });

        Assert.InRange(TextOf(seen).Length, 1, (60 * 7) - 64);
        Assert.Equal([OutcomeStatus.Failed], fixture.Records.Where(record => record.IsOutcome).Select(record => record.Status!.Value));
    }

    [Theory]
    [InlineData(StreamingMode.Buffer, false)]
    [InlineData(StreamingMode.Buffer, true)]
    [InlineData(StreamingMode.Window, false)]
    [InlineData(StreamingMode.Window, true)]
    [Requirement("ADP-134")]
    public async Task A_second_choice_and_what_cannot_be_shown_to_policy_are_denied(StreamingMode mode, bool isChoice)
    {
        using KernelFixture fixture = NewFixture();
        StreamingChatMessageContent odd = isChoice
            ? new(AuthorRole.Assistant, "other", choiceIndex: 1)
            : new(AuthorRole.Assistant, null) { Items = [new Picture()] };
        var model = new ScriptedStream([new(AuthorRole.Assistant, "first"), odd]);

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            async () => await Stream(fixture, model, mode).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ReasonCodes.StreamingUnsupported, denied.Decision.Reason);
        Assert.True(model.IsDisposed);
    }

    [Fact]
    [Requirement("ADP-131")]
    public async Task A_stream_beyond_its_bounds_ends_with_a_denial()
    {
        using KernelFixture fixture = NewFixture();
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));

        List<StreamingChatMessageContent> seen = await Stream(fixture, model, configure: options => options.MaxStreamBytes = 500).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal("ContentFilter", seen[^1].Metadata!["FinishReason"]);
        Assert.True(model.IsDisposed);
        Assert.InRange(TextOf(seen.SkipLast(1)).Length, 1, 500 - 64);
        Assert.Contains(fixture.Decisions, record => record.Decision!.Reason == ReasonCodes.StreamingUnsupported);
    }

    [Fact]
    [Requirement("ADP-098", "ADP-132")]
    public async Task A_session_that_is_killed_while_its_reply_goes_out_lets_nothing_more_out()
    {
        using KernelFixture fixture = NewFixture();
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));
        await using GovernanceSession session = await fixture.Governance.OpenSessionAsync(KernelFixture.Agent);
        var seen = new List<StreamingChatMessageContent>();

        using (GovernanceScope.Enter(session))
        {
            await foreach (StreamingChatMessageContent update in Stream(fixture, model, configure: options => options.Agent = KernelFixture.Agent.Agent))
            {
                seen.Add(update);
                if (seen.Count == 1)
                {
                    fixture.Signals.Kill(SignalTarget.ForSession(session));
                }
            }
        }

        Assert.Equal("ContentFilter", seen[^1].Metadata!["FinishReason"]);
        Assert.True(model.IsDisposed);
        Assert.True(TextOf(seen.SkipLast(1)).Length < Long.Length / 2);
        Assert.Contains(fixture.Records, record => record.Decision?.Reason == ReasonCodes.Killed);
    }

    [Fact]
    [Requirement("ADP-132")]
    public async Task A_text_that_was_named_does_not_go_out_even_if_who_named_it_lets_it_pass()
    {
        using var fixture = new KernelFixture(isSilent: false, [new Windowed("liar", [Blocked])]);

        List<StreamingChatMessageContent> seen = await Stream(fixture, new ScriptedStream(ScriptedStream.Pieces(Long + Blocked))).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal("ContentFilter", seen[^1].Metadata!["FinishReason"]);
        Assert.DoesNotContain("DROP", TextOf(seen), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-104", "ADP-C14")]
    public async Task A_reply_that_would_have_to_be_changed_after_a_part_is_out_ends_with_a_denial()
    {
        using KernelFixture fixture = NewFixture(new Windowed("redacts", [])
        {
            After = _ => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("output"), GovernedValue.From("changed"))),
        });
        var model = new ScriptedStream(ScriptedStream.Pieces(Long));

        List<StreamingChatMessageContent> seen = await Stream(fixture, model).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal("ContentFilter", seen[^1].Metadata!["FinishReason"]);
        Assert.StartsWith(TextOf(seen.SkipLast(1)), Long, StringComparison.Ordinal);
        Assert.InRange(TextOf(seen.SkipLast(1)).Length, 1, Long.Length - 64);
    }

    [Fact]
    [Requirement("ADP-132")]
    public async Task A_text_service_streams_in_the_same_way()
    {
        using KernelFixture fixture = NewFixture();
        using var model = new ScriptedModel(Says(Long + Blocked));
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        fixture.Kernel = builder.AddGovernance(fixture.Governance, options => options.Streaming = StreamingMode.Window).Build();

        List<StreamingTextContent> seen = await fixture.Kernel.GetRequiredService<ITextGenerationService>()
            .GetStreamingTextContentsAsync("Go.", kernel: fixture.Kernel).ToListAsync(TestContext.Current.CancellationToken);

        string released = string.Concat(seen.SkipLast(1).Select(update => update.Text));
        Assert.NotEmpty(released);
        Assert.StartsWith(released, Long, StringComparison.Ordinal);
        Assert.StartsWith("Denied by governance policy. (decision ", seen[^1].Text, StringComparison.Ordinal);
    }

    private static KernelFixture NewFixture(params IInterceptor[] others) => new(
        isSilent: false,
        [
            new Windowed("blocks", [Blocked])
            {
                After = context => CanonicalJson.ToString(context.Output).Contains(Blocked, StringComparison.OrdinalIgnoreCase) ? Verdict.Deny(ReasonCodes.RuleDenied) : default,
            },
            .. others,
        ]);

    private static string TextOf(IEnumerable<StreamingChatMessageContent> updates) => string.Concat(updates.Select(update => update.Content));

    private static void Build(KernelFixture fixture, ScriptedStream model, StreamingMode mode, Action<SemanticKernelGovernanceOptions>? configure = null)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatCompletionService>(model);
        fixture.Kernel = builder.AddGovernance(fixture.Governance, options =>
        {
            options.Streaming = mode;
            configure?.Invoke(options);
        }).Build();
    }

    private static IAsyncEnumerable<StreamingChatMessageContent> Stream(
        KernelFixture fixture, ScriptedStream model, StreamingMode mode = StreamingMode.Window, Action<SemanticKernelGovernanceOptions>? configure = null)
    {
        Build(fixture, model, mode, configure);
        return Stream(fixture);
    }

    private static IAsyncEnumerable<StreamingChatMessageContent> Stream(KernelFixture fixture, ChatHistory? history = null, PromptExecutionSettings? settings = null) =>
        fixture.Kernel.GetRequiredService<IChatCompletionService>().GetStreamingChatMessageContentsAsync(
            history ?? new ChatHistory("Go."), settings, fixture.Kernel, TestContext.Current.CancellationToken);

    private sealed class Picture : StreamingKernelContent
    {
        internal Picture()
            : base(null)
        {
        }

        public override byte[] ToByteArray() => [];

        public override string ToString() => "picture";
    }

    private sealed class Windowed(string name, IReadOnlyList<string>? literals) : IWindowedInterceptor
    {
        public string Name => name;

        public InterceptorStage Stage => InterceptorStage.Content;

        internal Func<OperationContext, Verdict> Before { get; init; } = _ => default;

        internal Func<OperationContext, Verdict> After { get; init; } = _ => default;

        public IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => literals;

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => new(Before(context));

        public ValueTask<Verdict> AfterAsync(OperationContext context, Outcome outcome, CancellationToken cancellationToken) => new(outcome.Executed ? After(context) : default);
    }
}
