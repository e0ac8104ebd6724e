using System.Text.Json.Nodes;
using Agt.Values;
using Microsoft.SemanticKernel.ChatCompletion;
using static Agt.Adapters.SemanticKernel.Tests.ScriptedModel;

namespace Agt.Adapters.SemanticKernel.Tests;

public sealed class AutoCallTests
{
    [Fact]
    [Requirement("ADP-203")]
    public async Task A_tool_call_of_a_model_is_one_operation_and_one_budget_unit_although_two_filters_fire()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Calls(("call-1", "Files-Read", """{"path":"/a"}""")), Says("done"));
        AutoKernel(fixture, model);
        fixture.Add("Files", "Read", (string path) => "content of " + path);
        await using GovernanceSession session = await fixture.Governance.OpenSessionAsync(KernelFixture.Agent);

        using (GovernanceScope.Enter(session))
        {
            await AskAsync(fixture);
        }

        Assert.Equal("content of /a", model.ToolResults["call-1"]);
        Audit.LoggedRecord record = Assert.Single(fixture.Decisions, r => r.Template.Tool?.Name == "Files.Read");
        Assert.Equal("call-1", record.CallId);
        Assert.Equal(1, session.ToolCalls);
    }

    [Fact]
    [Requirement("ADP-201", "ADP-153")]
    [Requirement("ADP-202", Partial = "without a governed service, calls that never start after a termination get no result")]
    public async Task A_denied_tool_call_never_runs_and_the_model_reads_the_public_text()
    {
        bool ran = false;
        using var fixture = new KernelFixture(Denies("Files.Delete"));
        using var model = new ScriptedModel(Calls(("call-1", "Files-Delete", """{"path":"/a"}""")), Says("I may not."));
        AutoKernel(fixture, model);
        fixture.Add("Files", "Delete", (string path) => ran = true);

        string? answer = await AskAsync(fixture);

        Assert.False(ran);
        Assert.Equal("I may not.", answer);
        string told = model.ToolResults["call-1"];
        Assert.StartsWith("Denied by governance policy. (decision ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-rule", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Error:", told, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-202", Partial = "without a governed service, calls that never start after a termination get no result")]
    public async Task A_denial_stops_the_loop_when_the_host_wants_that()
    {
        using var fixture = new KernelFixture(Denies("Files.Delete"));
        using var model = new ScriptedModel(Calls(("call-1", "Files-Delete", """{"path":"/a"}""")));
        AutoKernel(fixture, model, terminate: true);
        fixture.Add("Files", "Delete", (string path) => true);

        string? answer = await AskAsync(fixture);

        Assert.Single(model.Requests);
        Assert.StartsWith("Denied by governance policy.", answer, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-C02")]
    public async Task A_tool_without_a_method_of_its_own_is_a_tool_as_well()
    {
        using var fixture = new KernelFixture();
        fixture.Kernel.Plugins.AddFromFunctions("Remote", [new Remote().AsKernelFunction()]);

        FunctionResult result = await fixture.Kernel.InvokeAsync("Remote", "Delete", new() { ["path"] = "/a" });

        Assert.Equal("gone", result.ToString());
        Assert.Equal(InterventionPoint.PreToolCall, fixture.Decisions.First(r => r.Template.Tool?.Name == "Remote.Delete").Template.Point);
    }

    [Fact]
    [Requirement("ADP-201")]
    public async Task A_prompt_that_a_model_calls_as_a_tool_is_decided_on_as_a_tool()
    {
        using var fixture = new KernelFixture(new TestInterceptor("policy")
        {
            Before = (context, _) => new(context is { Point: InterventionPoint.PreToolCall, Template.Tool.Name: "Texts.Rewrite" } ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
        });
        using var model = new ScriptedModel(Calls(("call-1", "Texts-Rewrite", """{"text":"a"}""")), Says("I may not."), Says("too far"));
        AutoKernel(fixture, model);
        fixture.Kernel.Plugins.AddFromFunctions("Texts", [KernelFunctionFactory.CreateFromPrompt("Rewrite {{$text}}", functionName: "Rewrite")]);

        string? answer = await AskAsync(fixture);

        Assert.Equal("I may not.", answer);
        Assert.StartsWith("Denied by governance policy. (decision ", model.ToolResults["call-1"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-209")]
    public async Task Parallel_calls_are_not_mixed_up(bool concurrent)
    {
        using var fixture = new KernelFixture(new TestInterceptor("policy")
        {
            Before = (context, _) => new(context.Payload.TryGetMember("n", out GovernedValue n) && n.NumberText() == "2" ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
        });
        (string, string, string)[] calls = [.. Enumerable.Range(0, 8).Select(i => ("call-" + i, "Math-Square", $$"""{"n":{{i}}}"""))];
        using var model = new ScriptedModel(Calls(calls), Says("done"));
        AutoKernel(fixture, model);
        fixture.Add("Math", "Square", async (int n) =>
        {
            await Task.Yield();
            return n * n;
        });

        await AskAsync(fixture, concurrent);

        for (int i = 0; i < 8; i++)
        {
            string told = model.ToolResults["call-" + i];
            Assert.Equal(i == 2, told.StartsWith("Denied", StringComparison.Ordinal));
            Assert.True(i == 2 || told == (i * i).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(8, fixture.Decisions.Count(r => r.Template.Tool?.Name == "Math.Square"));
    }

    [Fact]
    [Requirement("ADP-101", Partial = "not the hashes in the record")]
    public async Task Transformed_arguments_reach_the_tool_and_the_history_keeps_what_the_model_asked_for()
    {
        string? got = null;
        using var fixture = new KernelFixture(new TestInterceptor("rewrites", InterceptorStage.Policy)
        {
            Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall
                ? Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/safe")))
                : Verdict.Allow),
        });
        using var model = new ScriptedModel(Calls(("call-1", "Files-Read", """{"path":"/a"}""")), Says("done"));
        AutoKernel(fixture, model);
        fixture.Add("Files", "Read", (string path) => got = path);

        await AskAsync(fixture);

        Assert.Equal("/safe", got);
        JsonNode asked = model.Requests[^1]["messages"]!.AsArray().Single(m => (string?)m!["role"] == "assistant")!;
        Assert.Equal("""{"path":"/a"}""", (string?)asked["tool_calls"]![0]!["function"]!["arguments"]);
    }

    [Fact]
    public async Task Arguments_that_another_filter_changes_after_the_decision_are_not_used()
    {
        string? got = null;
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Calls(("call-1", "Files-Read", """{"path":"/a"}""")), Says("done"));
        AutoKernel(fixture, model);
        fixture.Kernel.AutoFunctionInvocationFilters.Add(new Tampering());
        fixture.Add("Files", "Read", (string path) => got = path);

        await AskAsync(fixture);

        Assert.Equal("/a", got);
    }

    [Fact]
    [Requirement("ADP-048", Partial = "nested calls of the Semantic Kernel adapter")]
    public async Task A_tool_that_calls_itself_again_is_decided_on_again()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel(Calls(("call-1", "Math-Down", """{"n":2}""")), Says("done"));
        AutoKernel(fixture, model);
        fixture.Add("Math", "Down", async (int n, Kernel kernel) => n == 0 ? 0 : await kernel.InvokeAsync<int>("Math", "Down", new() { ["n"] = n - 1 }));

        await AskAsync(fixture);

        Assert.Equal(3, fixture.Decisions.Count(r => r.Template.Tool?.Name == "Math.Down"));
        Assert.Equal("0", model.ToolResults["call-1"]);
    }

    [Fact]
    [Requirement("ADP-201")]
    public async Task A_denial_inside_a_tool_reaches_the_model_as_the_public_text()
    {
        using var fixture = new KernelFixture(Denies("Trash.Empty"));
        using var model = new ScriptedModel(Calls(("call-1", "Files-Clean", "{}")), Says("done"));
        AutoKernel(fixture, model);
        fixture.Add("Files", "Clean", (Kernel kernel) => kernel.InvokeAsync<string>("Trash", "Empty"));
        fixture.Add("Trash", "Empty", () => "gone");

        await AskAsync(fixture);

        Assert.StartsWith("Denied by governance policy. (decision ", model.ToolResults["call-1"], StringComparison.Ordinal);
    }

    [Fact]
        public async Task A_streaming_loop_is_governed_too()
    {
        bool ran = false;
        using var fixture = new KernelFixture(Denies("Files.Delete"));
        using var model = new ScriptedModel(Calls(("call-1", "Files-Delete", """{"path":"/a"}""")), Says("I may not."));
        AutoKernel(fixture, model);
        fixture.Add("Files", "Delete", (string path) => ran = true);
        var history = new ChatHistory("You help.");
        history.AddUserMessage("Go.");

        await foreach (StreamingChatMessageContent update in fixture.Kernel.GetRequiredService<IChatCompletionService>().GetStreamingChatMessageContentsAsync(
            history, new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, fixture.Kernel))
        {
            Assert.NotNull(update);
        }

        Assert.False(ran);
        Assert.StartsWith("Denied by governance policy.", model.ToolResults["call-1"], StringComparison.Ordinal);
    }

    private static TestInterceptor Denies(string tool) => new("policy")
    {
        Before = (context, _) => new(context.Template.Tool?.Name == tool
            ? new Verdict(VerdictOutcome.Deny, new VerdictDetail(ReasonCodes.RuleDenied) { Rule = "secret-rule", Explanation = "secret-rule said so" })
            : Verdict.Allow),
    };

    private static void AutoKernel(KernelFixture fixture, ScriptedModel model, bool terminate = false)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        fixture.Kernel = builder.Build().AddGovernance(fixture.Governance, options =>
        {
            options.Agent = KernelFixture.Agent.Agent;
            options.TerminateOnDeny = terminate;
        });
    }

    private static async Task<string?> AskAsync(KernelFixture fixture, bool concurrent = false)
    {
        var settings = new PromptExecutionSettings
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(options: new() { AllowConcurrentInvocation = concurrent }),
        };
        var history = new ChatHistory("You help.");
        history.AddUserMessage("Go.");
        return (await fixture.Kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, settings, fixture.Kernel)).Content;
    }

    private sealed class Tampering : IAutoFunctionInvocationFilter
    {
        public Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
        {
            context.Arguments!["path"] = "/etc/passwd";
            return next(context);
        }
    }

    /// <summary>A function as a tool server offers it: a name and a schema, no method.</summary>
    private sealed class Remote : Microsoft.Extensions.AI.AIFunction
    {
        public override string Name => "Delete";

        protected override ValueTask<object?> InvokeCoreAsync(Microsoft.Extensions.AI.AIFunctionArguments arguments, CancellationToken cancellationToken) => new("gone");
    }
}
