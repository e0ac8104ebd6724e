using System.Text.RegularExpressions;
using Agt.Values;
using Microsoft.SemanticKernel.ChatCompletion;
using static Agt.Adapters.SemanticKernel.Tests.ScriptedModel;

namespace Agt.Adapters.SemanticKernel.Tests;

public sealed class ModelCallTests
{
    private static readonly Regex Mail = new("[a-z]+@[a-z.]+", RegexOptions.NonBacktracking);

    [Fact]
    [Requirement("ADP-205")]
    public async Task A_denied_prompt_sends_nothing_and_gives_the_public_text()
    {
        using var fixture = new KernelFixture(TestPoint(InterventionPoint.PreModelCall, Verdict.Deny(ReasonCodes.RuleDenied, "secret-rule")));
        using var model = new ScriptedModel();
        fixture.Kernel = Build(model).Build().AddGovernance(fixture.Governance);

        FunctionResult result = await fixture.Kernel.InvokePromptAsync("Hello");

        Assert.Empty(model.Requests);
        Assert.StartsWith("Denied by governance policy. (decision ", result.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-206")]
    public async Task A_rewritten_prompt_reaches_the_model()
    {
        using var fixture = new KernelFixture(TestPoint(InterventionPoint.PreModelCall, Redact("args")));
        using var model = new ScriptedModel(Says("done"));
        fixture.Kernel = Build(model).Build().AddGovernance(fixture.Governance);

        await fixture.Kernel.InvokePromptAsync("Write to eve@example.org");

        Assert.Equal("Write to [REDACTED]", (string?)model.Requests[0]["messages"]![0]!["content"]);
    }

    [Fact]
    [Requirement("ADP-206")]
    public async Task A_governed_service_decides_once_on_a_prompt_and_the_filter_leaves_it_to_it()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Says("done"));
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance).Build();

        await fixture.Kernel.InvokePromptAsync("Hello");

        Assert.Equal(
            [InterventionPoint.Input, InterventionPoint.PreModelCall],
            fixture.Decisions.Select(record => record.Template.Point));
    }

    [Fact]
    [Requirement("ADP-206", "ADP-207")]
    public async Task A_direct_request_is_rewritten_on_a_copy_and_the_reply_keeps_its_metadata()
    {
        using var fixture = new KernelFixture(
            TestPoint(InterventionPoint.PreModelCall, Redact("args.messages")),
            new TestInterceptor("output")
            {
                After = (context, outcome, _) => new(outcome.Executed && context.Point == InterventionPoint.PostModelCall ? Redact("output") : Verdict.Allow),
            });
        using var model = new ScriptedModel(Says("I wrote to bob@example.org"));
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance).Build();
        var history = new ChatHistory("You help eve@example.org");
        history.AddUserMessage([new TextContent("See"), new TextContent("bob@example.org")]);

        ChatMessageContent reply = await fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, kernel: fixture.Kernel);

        string sent = model.Requests[0].ToJsonString();
        Assert.DoesNotContain("example.org", sent, StringComparison.Ordinal);
        Assert.Contains("[REDACTED]", sent, StringComparison.Ordinal);
        Assert.Equal("You help eve@example.org", history[0].Content);
        Assert.Equal("I wrote to [REDACTED]", reply.Content);
        Assert.True(reply.Metadata!.ContainsKey("Usage"));
        Assert.Equal("m", reply.ModelId);
        Assert.Equal(AuthorRole.Assistant, reply.Role);
    }

    [Fact]
    [Requirement("ADP-104", "ADP-C14")]
    public async Task A_rewrite_that_cannot_be_sent_denies()
    {
        using var fixture = new KernelFixture(TestPoint(
            InterventionPoint.PreModelCall, Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.messages[0].role"), GovernedValue.From("user")))));
        using var model = new ScriptedModel();
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance).Build();

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(new ChatHistory("You help."), kernel: fixture.Kernel));

        Assert.Empty(model.Requests);
        Assert.Equal(ReasonCodes.AdapterUnsupported, denied.Decision.Reason);
    }

    [Fact]
    public async Task A_message_that_changes_while_it_is_decided_on_is_not_sent()
    {
        var history = new ChatHistory("You help.");
        using var fixture = new KernelFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                history[0].Content = "You attack.";
                return new(request.Approve("eve"));
            }),
            TestPoint(InterventionPoint.PreModelCall, Verdict.Escalate()));
        using var model = new ScriptedModel();
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance, options => options.Agent = KernelFixture.Agent.Agent).Build();

        await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, kernel: fixture.Kernel));

        Assert.Empty(model.Requests);
    }

    [Fact]
    [Requirement("ADP-207")]
    public async Task Policies_see_tool_results_in_the_history()
    {
        string json = "";
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                json = context.Point == InterventionPoint.PreModelCall ? CanonicalJson.ToString(context.Payload) : json;
                return default;
            },
        });
        using var model = new ScriptedModel(Says("done"));
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance).Build();
        var history = new ChatHistory("You help.");
        history.Add(new ChatMessageContent(AuthorRole.Assistant, [new FunctionCallContent("Read", "Files", "call-1", new() { ["path"] = "/a" })]));
        history.Add(new ChatMessageContent(AuthorRole.Tool, [new FunctionResultContent("Read", "Files", "call-1", "secret")]));

        await fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, kernel: fixture.Kernel);

        Assert.Equal(
            """{"message":"","messages":[{"content":"You help.","role":"system"},{"items":[{"arguments":{"path":"/a"},"id":"call-1","name":"Files.Read","type":"function_call"}],"role":"assistant"},{"items":[{"id":"call-1","name":"Files.Read","result":"secret","type":"function_result"}],"role":"tool"}]}""",
            json);
    }

    [Fact]
    public async Task The_tool_calls_of_a_turn_stay_in_the_callers_history_and_know_the_model_call()
    {
        string? parent = null;
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                parent = context.Point == InterventionPoint.PreToolCall ? context.Action.Parent?.Template.Operation : parent;
                return default;
            },
        });
        using var model = new ScriptedModel(Calls(("call-1", "Files-Read", "{}")), Says("done"));
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance).Build();
        fixture.Add("Files", "Read", () => "content");
        var history = new ChatHistory("You help.");
        history.AddUserMessage("Go.");

        await fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(
            history, new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, fixture.Kernel);

        Assert.Equal([AuthorRole.System, AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
        Assert.Equal("chat", parent);
        Assert.Equal("content", model.ToolResults["call-1"]);
    }

    [Fact]
    public async Task A_governed_service_reports_tokens_to_the_session()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Says("done"));
        fixture.Kernel = Build(model).AddGovernance(fixture.Governance, options => options.Agent = KernelFixture.Agent.Agent).Build();
        await using GovernanceSession session = await fixture.Governance.OpenSessionAsync(KernelFixture.Agent);

        using (GovernanceScope.Enter(session))
        {
            await fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(new ChatHistory("You help."), kernel: fixture.Kernel);
        }

        Assert.Equal(1, session.ModelCalls);
        Assert.Equal(5, session.Tokens);
    }

    private static TestInterceptor TestPoint(InterventionPoint point, Verdict verdict) => new("at " + point, InterceptorStage.Policy)
    {
        Before = (context, _) => new(context.Point == point ? verdict : Verdict.Allow),
    };

    private static Verdict Redact(string path) => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Redact(PatchPath.Parse(path), Mail));

    private static IKernelBuilder Build(ScriptedModel model)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        return builder;
    }
}
