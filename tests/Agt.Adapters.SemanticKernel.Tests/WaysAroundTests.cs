using System.Runtime.CompilerServices;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;
using static Agt.Adapters.SemanticKernel.Tests.ScriptedModel;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>Ways around governance that the framework leaves open.</summary>
public sealed class WaysAroundTests
{
    private static TestInterceptor DeniesAt(InterventionPoint point) => new("policy")
    {
        Before = (context, _) => new(context.Point == point ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
        After = (context, outcome, _) => new(context.Point == point && outcome.Executed ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
    };

    private static IKernelBuilder OpenAI(ScriptedModel model)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        return builder;
    }

    [Fact]
    [Requirement("ADP-154")]
    public async Task A_stopped_loop_leaves_no_call_without_a_result()
    {
        using var fixture = new KernelFixture(DeniesAt(InterventionPoint.PreToolCall));
        using var model = new ScriptedModel(Calls(("c1", "Files-Delete", "{}"), ("c2", "Files-Delete", "{}")));
        fixture.Kernel = OpenAI(model).AddGovernance(fixture.Governance, options => options.TerminateOnDeny = true).Build();
        fixture.Add("Files", "Delete", () => "gone");
        var history = new ChatHistory("Go.");

        await fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentsAsync(
            history, new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, fixture.Kernel);

        Assert.Single(model.Requests);
        Assert.Equal(["c1", "c2"], history.SelectMany(message => message.Items).OfType<FunctionResultContent>().Select(result => result.CallId).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(InterventionPoint.PreModelCall, 0)]
    [InlineData(InterventionPoint.PostModelCall, 1)]
    public async Task The_text_service_that_a_chat_connector_registers_too_is_governed(InterventionPoint point, int requests)
    {
        using var fixture = new KernelFixture(DeniesAt(point));
        using var model = new ScriptedModel(Says("private"));
        Kernel kernel = OpenAI(model).AddGovernance(fixture.Governance).Build();

        await Assert.ThrowsAsync<GovernanceDeniedException>(() => kernel.GetRequiredService<ITextGenerationService>().GetTextContentsAsync("hello"));

        Assert.Equal(requests, model.Requests.Count);
        Assert.True(kernel.VerifyGoverned().IsGoverned);
    }

    [Fact]
    public async Task An_allowed_text_arrives_whole_or_streamed()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Says("one two"), Says("one two"));
        Kernel kernel = OpenAI(model).AddGovernance(fixture.Governance).Build();
        ITextGenerationService service = kernel.GetRequiredService<ITextGenerationService>();

        Assert.Equal("one two", Assert.Single(await service.GetTextContentsAsync("hello")).Text);
        Assert.Equal("one two", string.Concat((await service.GetStreamingTextContentsAsync("hello").ToListAsync()).Select(update => update.Text)));
        Assert.Equal(2, fixture.Decisions.Count(record => record.Template.Point == InterventionPoint.PreModelCall));
    }

    [Fact]
    [Requirement("ADP-205")]
    public async Task A_prompt_that_selects_a_text_service_is_decided_on_although_every_chat_service_is_governed()
    {
        using var fixture = new KernelFixture(DeniesAt(InterventionPoint.PreModelCall));
        using var model = new ScriptedModel();
        var text = new PlainText();
        IKernelBuilder builder = OpenAI(model).AddGovernance(fixture.Governance);
        builder.Services.AddKeyedSingleton<ITextGenerationService>("text", text);
        Kernel kernel = builder.Build();

        await kernel.InvokePromptAsync("hello", new(new PromptExecutionSettings { ServiceId = "text" }));

        Assert.Equal(0, text.Asked);
        Assert.Equal("text_service", Assert.Single(kernel.VerifyGoverned().Gaps).Id);
    }

    private sealed class PlainText : ITextGenerationService
    {
        internal int Asked { get; private set; }

        public IReadOnlyDictionary<string, object?> Attributes { get; } = new Dictionary<string, object?>();

        public Task<IReadOnlyList<TextContent>> GetTextContentsAsync(
            string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default)
        {
            Asked++;
            return Task.FromResult<IReadOnlyList<TextContent>>([new TextContent("answer")]);
        }

        public async IAsyncEnumerable<StreamingTextContent> GetStreamingTextContentsAsync(
            string prompt, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            Asked++;
            yield return new StreamingTextContent("answer");
        }
    }
}
