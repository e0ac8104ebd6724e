using static Agt.Adapters.SemanticKernel.Tests.ScriptedModel;

namespace Agt.Adapters.SemanticKernel.Tests;

/// <summary>The other loop of Semantic Kernel: a chat client, whose tools are functions under names of its own.</summary>
public sealed class ChatClientTests
{
    [Fact]
    [Requirement("ADP-024", Partial = "the ids of later adapters")]
    [Requirement("ADP-203")]
    public async Task A_tool_call_through_a_chat_client_is_one_operation_under_the_same_id()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Calls(("call-1", "Files_Read", """{"path":"/a"}""")), Says("done"));
        Build(fixture, model);
        fixture.Add("Files", "Read", (string path) => "content of " + path);

        string? answer = await AskAsync(fixture);

        Assert.Equal("done", answer);
        Assert.Equal("content of /a", model.ToolResults["call-1"].Trim('"'));
        Assert.Single(fixture.Decisions, record => record.Template.Tool?.Name == "Files.Read");
        Assert.Single(fixture.Decisions, record => record.Template.Point == InterventionPoint.PreToolCall);
    }

    [Fact]
    [Requirement("ADP-201")]
    public async Task A_denied_tool_call_through_a_chat_client_never_runs_and_the_model_reads_the_public_text()
    {
        bool ran = false;
        using var fixture = new KernelFixture(new TestInterceptor("policy")
        {
            Before = (context, _) => new(context.Template.Tool?.Name == "Files.Delete" ? Verdict.Deny(ReasonCodes.RuleDenied, "secret-rule") : Verdict.Allow),
        });
        using var model = new ScriptedModel(Calls(("call-1", "Files_Delete", """{"path":"/a"}""")), Says("I may not."));
        Build(fixture, model);
        fixture.Add("Files", "Delete", (string path) => ran = true);

        await AskAsync(fixture);

        Assert.False(ran);
        Assert.Contains("Denied by governance policy. (decision ", model.ToolResults["call-1"], StringComparison.Ordinal);
        Assert.DoesNotContain("secret-rule", model.ToolResults["call-1"], StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-152")]
    public async Task A_model_that_repeats_a_denied_call_through_a_chat_client_is_stopped()
    {
        using var fixture = new KernelFixture(new TestInterceptor("policy")
        {
            Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
        });
        using var model = new ScriptedModel([.. Enumerable.Range(0, 5).Select(i => Calls(("c" + i, "Files_Delete", """{"path":"/a"}""")))]);
        Build(fixture, model);
        fixture.Add("Files", "Delete", (string path) => "gone");

        await AskAsync(fixture);

        Assert.Equal(3, model.Requests.Count);
    }

    private static async Task<string?> AskAsync(KernelFixture fixture) => (await fixture.Kernel.InvokePromptAsync(
        "Go.", new(new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }))).ToString();

    private static void Build(KernelFixture fixture, ScriptedModel model)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatClient("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        fixture.Kernel = builder.AddGovernance(fixture.Governance).Build();
    }
}
