using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>Tools that run where no hook reaches, and tools that nobody offered.</summary>
public sealed class HostedToolTests
{
    public static TheoryData<AITool> Hosted => [new HostedWebSearchTool(), new HostedCodeInterpreterTool(), new HostedFileSearchTool(), new HostedMcpServerTool("files", "https://mcp.example")];

    [Theory]
    [MemberData(nameof(Hosted), DisableDiscoveryEnumeration = true)]
    [Requirement("ADP-227")]
    public async Task A_model_call_that_offers_a_hosted_tool_is_denied_unless_the_host_says_otherwise(AITool tool)
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Says("found"));

        ChatResponse response = await host.Govern(model).GetResponseAsync("x", new ChatOptions { Tools = [tool] });

        Assert.Empty(model.Requests);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Equal(ReasonCodes.ToolNotAllowed, Assert.Single(host.Decisions(InterventionPoint.PreModelCall)).Decision!.Reason);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("web_search_is_fine", 1)]
    [Requirement("ADP-227")]
    public async Task That_nobody_objects_is_no_rule(string? rule, int calls)
    {
        using var host = new Host(Host.At(
            InterventionPoint.PreModelCall, _ => new Verdict(VerdictOutcome.Allow, new VerdictDetail(rule is null ? ReasonCodes.DefaultAllow : ReasonCodes.RuleMatched) { Rule = rule })));
        var model = new ScriptedChatClient(Says("found"));

        await host.Govern(model, options => options.HostedTools = HostedTools.AllowByPolicy).GetResponseAsync("x", new ChatOptions { Tools = [new HostedWebSearchTool()] });

        Assert.Equal(calls, model.Requests.Count);
        Assert.Equal(calls == 0, host.Decisions(InterventionPoint.PreModelCall).Any(record => record.Decision!.Reason == ReasonCodes.ToolNotAllowed));
    }

    [Theory]
    [InlineData("deny", 0)]
    [InlineData("allow", 1)]
    [Requirement("ADP-227")]
    public async Task A_rule_of_the_policy_speaks_for_a_hosted_tool(string action, int calls)
    {
        using var host = new Host(builder => builder.AddPolicyText($"""
            apiVersion: governance.toolkit/v1
            name: p
            agents: ["*"]
            default_action: allow
            rules:
              - name: hosted
                stage: pre_model
                condition: "args.tools[0].type == 'web_search'"
                action: {action}
            """));
        var model = new ScriptedChatClient(Says("found"));

        await host.Govern(model, options => options.HostedTools = HostedTools.AllowByPolicy).GetResponseAsync("x", new ChatOptions { Tools = [new HostedWebSearchTool()] });

        Assert.Equal(calls, model.Requests.Count);
    }

    [Fact]
    [Requirement("ADP-227", "ADP-028")]
    public async Task What_a_hosted_tool_did_is_visible_in_the_reply()
    {
        string? seen = null;
        using var host = new Host(new TestInterceptor("looks")
        {
            Before = (context, _) => new(new Verdict(VerdictOutcome.Allow, new VerdictDetail(ReasonCodes.RuleMatched) { Rule = "ok" })),
            After = (context, outcome, _) =>
            {
                seen = context.Point == InterventionPoint.PostModelCall ? CanonicalJson.ToString(context.Output) : seen;
                return default;
            },
        });
        var model = new ScriptedChatClient(_ => new ChatResponse(new ChatMessage(
            ChatRole.Assistant, [new WebSearchToolCallContent("w1") { Queries = ["agt"] }, new WebSearchToolResultContent("w1") { Outputs = [new UriContent("https://example.test/a", "text/html")] }])));

        await host.Govern(model, options => options.HostedTools = HostedTools.AllowByPolicy).GetResponseAsync("x", new ChatOptions { Tools = [new HostedWebSearchTool()] });

        Assert.Contains("\"queries\":[\"agt\"]", seen, StringComparison.Ordinal);
        Assert.Contains("https://example.test/a", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ApprovalMode.Inline)]
    [InlineData(ApprovalMode.Native)]
    [Requirement("ADP-229", "ADP-154", "ADP-C31")]
    public async Task A_call_of_a_tool_that_nobody_offered_is_denied_in_the_log_and_the_others_run(ApprovalMode mode)
    {
        using var host = new Host();
        bool ran = false;
        var model = new ScriptedChatClient(Calls(("c1", "rm", []), ("c2", "known", [])), Says("done"));

        ChatResponse response = await host.Govern(model, options => options.ApprovalMode = mode).GetResponseAsync(
            "x", new ChatOptions { Tools = [AIFunctionFactory.Create(() => ran = true, "known")] });

        Assert.True(ran);
        LoggedRecord unknown = Assert.Single(host.Decisions(InterventionPoint.PreToolCall), record => record.Template.Tool!.Name == "rm");
        Assert.Equal(ReasonCodes.ToolNotAllowed, unknown.Decision!.Reason);
        Assert.Equal("c1", unknown.CallId);
        Assert.Equal(["c1", "c2"], response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).Order());
    }
}
