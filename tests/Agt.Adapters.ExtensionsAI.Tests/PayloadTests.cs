using System.Text.Json;
using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Values;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class PayloadTests
{
    private static readonly List<ChatMessage> Conversation =
    [
        new(ChatRole.System, "be kind"),
        new(ChatRole.User, [new TextContent("look at "), new TextContent("this"), new UriContent("https://x/a.png", "image/png"), new DataContent(new byte[] { 1, 2 }, "image/png")]),
        new(ChatRole.Assistant, [new FunctionCallContent("c1", "find", new Dictionary<string, object?> { ["q"] = "s3cret", ["n"] = JsonElement.Parse("1.50") })]),
        new(ChatRole.Tool, [new FunctionResultContent("c1", new { rows = new[] { "s3cret" } })]),
        new(ChatRole.User, "and now?"),
    ];

    [Fact]
    [Requirement("ADP-028", "ADP-C23", "ADP-027")]
    public async Task Policy_sees_every_part_of_the_input()
    {
        string? seen = null;
        using var host = new Host(Host.At(InterventionPoint.Input, context => See(context.Payload, out seen)));

        await host.Govern(new ScriptedChatClient(Says("ok"))).GetResponseAsync(Conversation);

        Assert.Equal(
            """
            {"message":"and now?","messages":[
            {"parts":[{"text":"be kind","type":"text"}],"role":"system","text":"be kind"},
            {"parts":[{"text":"look at ","type":"text"},{"text":"this","type":"text"},{"media_type":"image/png","type":"uri","uri":"https://x/a.png"},
            {"media_type":"image/png","sha256":"a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222","size":2,"type":"data"}],"role":"user","text":"look at this"},
            {"parts":[{"args":{"n":{"\u0000number":"1.50"},"q":"s3cret"},"id":"c1","name":"find","type":"function_call"}],"role":"assistant","text":""},
            {"parts":[{"id":"c1","result":{"rows":["s3cret"]},"type":"function_result"}],"role":"tool","text":""},
            {"parts":[{"text":"and now?","type":"text"}],"role":"user","text":"and now?"}]}
            """.ReplaceLineEndings(string.Empty),
            seen);
    }

    [Fact]
    [Requirement("ADP-227")]
    public async Task Policy_sees_model_instructions_bounds_and_tools_also_hosted_ones()
    {
        string? seen = null;
        using var host = new Host(Host.At(InterventionPoint.PreModelCall, context => See(context.Payload, out seen)));

        await host.Govern(new ScriptedChatClient(Says("ok")), options => options.HostedTools = HostedTools.AllowByPolicy).GetResponseAsync("hi", new ChatOptions
        {
            ModelId = "m",
            Instructions = "be brief",
            MaxOutputTokens = 100,
            Temperature = 0.5f,
            Tools = [AIFunctionFactory.Create(() => 1, "one"), new HostedWebSearchTool(), new HostedMcpServerTool("files", "https://mcp.example")],
        });

        Assert.Equal(
            """
            {"instructions":"be brief","max_output_tokens":100,"messages":[{"parts":[{"text":"hi","type":"text"}],"role":"user","text":"hi"}],"model":"m","temperature":0.5,
            "tools":["one",{"type":"web_search"},{"address":"https://mcp.example","server":"files","type":"mcp"}]}
            """.ReplaceLineEndings(string.Empty),
            seen);
    }

    [Fact]
    [Requirement("ADP-028", "ADP-C23")]
    public async Task Policy_sees_text_finish_reason_and_calls_of_a_reply()
    {
        string? seen = null;
        using var host = new Host(Host.At(InterventionPoint.PostModelCall, context => See(context.Output, out seen)));

        await host.Govern(new ScriptedChatClient(Calls(("c1", "find", new() { ["q"] = 1 })))).GetResponseAsync("hi", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one").AsDeclarationOnly()] }).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(
            """
            {"finish_reason":"tool_calls","messages":[{"parts":[{"args":{"q":1},"id":"c1","name":"find","type":"function_call"}],"role":"assistant","text":""}],"text":"",
            "tool_calls":[{"args":{"q":1},"id":"c1","name":"find"}]}
            """.ReplaceLineEndings(string.Empty),
            seen);
    }

    [Fact]
    [Requirement("ADP-028", "ADP-C23")]
    public async Task Parts_of_unknown_kinds_are_refused_on_every_way()
    {
        using var host = new Host();
        var model = new ScriptedChatClient(_ => new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("a"), new Hologram()])));

        ChatResponse refused = await host.Govern(model).GetResponseAsync(new ChatMessage(ChatRole.User, [new Hologram()]));

        Assert.Empty(model.Requests);
        Assert.Equal(ChatFinishReason.ContentFilter, refused.FinishReason);
        Assert.Equal(ReasonCodes.RequestInvalid, host.Decisions(InterventionPoint.Input)[0].Decision!.Reason);

        ChatResponse withheld = await host.Govern(model).GetResponseAsync("x");
        Assert.Equal(ChatFinishReason.ContentFilter, withheld.FinishReason);
        Assert.Single(withheld.Messages[0].Contents);
        Assert.Equal(ReasonCodes.RequestInvalid, host.Decisions(InterventionPoint.PreModelCall)[^1].Decision!.Reason);
    }

    [Fact]
    public void Every_kind_of_part_of_the_framework_is_known_or_refused_on_purpose()
    {
        var call = new FunctionCallContent("c", "n");
        Type[] refused = [typeof(AIContent)];
        AIContent[] known =
        [
            new TextContent("t"), new TextReasoningContent("r"), new DataContent(new byte[] { 1 }, "a/b"), new UriContent("https://x", "a/b"), new ErrorContent("e"),
            new HostedFileContent("f"), new HostedVectorStoreContent("v"), new UsageContent(), call, new FunctionResultContent("c", null),
            new ToolApprovalRequestContent("r", call), new ToolApprovalResponseContent("r", true, call), new McpServerToolCallContent("c", "n", "s"),
            new McpServerToolResultContent("c") { Outputs = [new TextContent("t")] }, new CodeInterpreterToolCallContent("c"), new CodeInterpreterToolResultContent("c"),
            new WebSearchToolCallContent("c") { Queries = ["q"] }, new WebSearchToolResultContent("c"), new ImageGenerationToolCallContent("c"), new ImageGenerationToolResultContent("c"),
        ];

        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();
        foreach (AIContent part in known)
        {
            Assert.True(PartWriter.IsKnown(part));
            PartWriter.WritePart(arena, part, new Agt.Adapters.ExtensionsAI.Values.ObjectFreezer(AIJsonUtilities.DefaultOptions));
        }

        GovernedValue written = arena.End();
        Assert.Equal(known.Length, Enumerable.Range(0, written.Count).Select(i => written[i].TryGetMember("type", out GovernedValue type) ? type.AsString() : null).Distinct().Count());
        Assert.False(PartWriter.IsKnown(new Hologram()));
        Assert.False(PartWriter.IsKnown(new McpServerToolResultContent("c") { Outputs = [new Hologram()] }));
        IEnumerable<Type> constructible = typeof(AIContent).Assembly.GetExportedTypes()
            .Where(type => typeof(AIContent).IsAssignableFrom(type) && type.GetConstructors().Any(c => c.IsPublic) && type != typeof(ToolCallContent) && type != typeof(ToolResultContent));
        Assert.Empty(constructible.Except(known.Select(part => part.GetType())).Except(refused));
    }

    [Fact]
    [Requirement("ADP-C21", "ADP-101", "ADP-103")]
    public async Task Redaction_of_a_whole_request_reaches_the_model_and_not_the_callers_messages()
    {
        using var host = new Host(Host.At(InterventionPoint.PreModelCall, _ => Host.Redact("args", "s3cret|this|now")));
        var model = new ScriptedChatClient(Says("ok"));

        await host.Govern(model).GetResponseAsync(Conversation);

        IReadOnlyList<ChatMessage> sent = Assert.Single(model.Requests);
        Assert.Equal("look at [REDACTED]", sent[1].Text);
        Assert.Equal(4, sent[1].Contents.Count);
        FunctionCallContent call = Assert.IsType<FunctionCallContent>(sent[2].Contents[0]);
        Assert.Equal("[REDACTED]", call.Arguments!["q"]);
        Assert.Equal("1.50", ((JsonElement)call.Arguments["n"]!).GetRawText());
        Assert.Contains("[REDACTED]", JsonSerializer.Serialize(((FunctionResultContent)sent[3].Contents[0]).Result), StringComparison.Ordinal);
        Assert.Equal("and [REDACTED]?", sent[4].Text);
        Assert.Equal("look at this", Conversation[1].Text);
        Assert.Equal("s3cret", ((FunctionCallContent)Conversation[2].Contents[0]).Arguments!["q"]);
    }

    [Theory]
    [InlineData("args.message", "\"new\"", "new")]
    [InlineData("args.messages[4].text", "\"new\"", "new")]
    [InlineData("args.messages[4].parts[0].text", "\"new\"", "new")]
    [InlineData("args.messages[1].text", "\"one\"", null)]
    [Requirement("ADP-C21")]
    public async Task A_text_can_be_changed_wherever_it_is_visible(string path, string json, string? last)
    {
        using var host = new Host(Host.At(InterventionPoint.Input, _ => Host.Set(path, json)));
        var model = new ScriptedChatClient(Says("ok"));

        await host.Govern(model).GetResponseAsync(Conversation);

        IReadOnlyList<ChatMessage> sent = Assert.Single(model.Requests);
        Assert.Equal(last ?? "and now?", sent[4].Text);
        Assert.Equal(last is null ? "one" : "look at this", sent[1].Text);
    }

    [Theory]
    [InlineData("args.messages[0].role", "\"user\"")]
    [InlineData("args.messages[1].parts[2].uri", "\"https://y\"")]
    [InlineData("args.messages[1].parts", "[]")]
    [InlineData("args.messages[1].parts[0].text", "5")]
    [InlineData("args.messages[4].note", "\"x\"")]
    [InlineData("args.messages", "[]")]
    [InlineData("args.more", "1")]
    [InlineData("args", "\"text\"")]
    [Requirement("ADP-104", "ADP-C14")]
    public async Task A_change_that_cannot_be_carried_over_denies(string path, string json)
    {
        using var host = new Host(Host.At(InterventionPoint.Input, _ => Host.Set(path, json)));
        var model = new ScriptedChatClient(Says("never"));

        ChatResponse response = await host.Govern(model).GetResponseAsync(Conversation);

        Assert.Empty(model.Requests);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Equal(ReasonCodes.AdapterUnsupported, host.Decisions(InterventionPoint.Input)[^1].Decision!.Reason);
    }

    [Fact]
    [Requirement("ADP-104")]
    public async Task Changes_of_one_text_that_contradict_each_other_deny()
    {
        using var host = new Host(Host.At(InterventionPoint.Input, _ => Verdict.Transform(
            ReasonCodes.RuleMatched,
            Patch.Set(PatchPath.Parse("args.messages[4].text"), GovernedValue.From("a")),
            Patch.Set(PatchPath.Parse("args.messages[4].parts[0].text"), GovernedValue.From("b")))));
        var model = new ScriptedChatClient(Says("never"));

        await host.Govern(model).GetResponseAsync(Conversation);

        Assert.Empty(model.Requests);
    }

    [Fact]
    [Requirement("ADP-068")]
    public async Task Options_of_a_model_call_can_be_tightened()
    {
        using var host = new Host(Host.At(InterventionPoint.PreModelCall, _ => Verdict.Transform(
            ReasonCodes.RuleMatched,
            Patch.Set(PatchPath.Parse("args.max_output_tokens"), GovernedValue.From(10L)), Patch.Set(PatchPath.Parse("args.temperature"), GovernedValue.From(0.0)),
            Patch.Set(PatchPath.Parse("args.instructions"), GovernedValue.From("be good")), Patch.Set(PatchPath.Parse("args.tools"), GovernedValue.FromJson("[\"one\"]")))));
        var model = new ScriptedChatClient(Says("ok"));
        var options = new ChatOptions { MaxOutputTokens = 100, Tools = [new HostedWebSearchTool(), AIFunctionFactory.Create(() => 1, "one")] };

        await host.Govern(model, governance => governance.HostedTools = HostedTools.AllowByPolicy).GetResponseAsync("hi", options);

        Assert.Empty(host.Records.Where(r => r.Decision?.Outcome == VerdictOutcome.Deny).Select(r => r.Decision!.Reason.Code));
        ChatOptions sent = model.Options[0]!;
        Assert.Equal((10, 0f, "be good", "one"), (sent.MaxOutputTokens, sent.Temperature, sent.Instructions, Assert.Single(sent.Tools!).Name));
        Assert.Equal((100, null, 2), (options.MaxOutputTokens, options.Temperature, options.Tools.Count));
    }

    [Theory]
    [InlineData("output.text")]
    [InlineData("output.messages[0].text")]
    [InlineData("output.messages[0].parts[0].text")]
    [InlineData("output")]
    [Requirement("ADP-103", "ADP-C11", "ADP-C22")]
    public async Task A_changed_reply_keeps_ids_usage_and_finish_reason(string path)
    {
        using var host = new Host(Host.At(InterventionPoint.Output, _ => Host.Redact(path, "s3cret")));

        ChatResponse response = await host.Govern(new ScriptedChatClient(Says("a s3cret"))).GetResponseAsync("hi");

        Assert.Equal("a [REDACTED]", response.Text);
        Assert.Equal(("r-1", "scripted", ChatFinishReason.Stop, 12L), (response.ResponseId, response.ModelId, response.FinishReason, response.Usage!.TotalTokenCount));
        Assert.Equal("m-8", response.Messages[0].MessageId);
    }

    [Theory]
    [InlineData("output.tool_calls[0].args.path")]
    [InlineData("output.messages[0].parts[0].args.path")]
    public async Task Arguments_of_a_call_can_be_changed_in_the_reply_that_asks_for_it(string path)
    {
        string? seen = null;
        using var host = new Host(Host.At(InterventionPoint.PostModelCall, _ => Host.Redact(path, "etc")));
        AIFunction tool = AIFunctionFactory.Create((string path) => { seen = path; }, "delete");

        await host.Govern(new ScriptedChatClient(Calls(("c1", "delete", new() { ["path"] = "/etc" })), Says("ok"))).GetResponseAsync("x", new ChatOptions { Tools = [tool] });

        Assert.Equal("/[REDACTED]", seen);
    }

    private static Verdict See(GovernedValue value, out string? seen)
    {
        seen = CanonicalJson.ToString(value);
        return default;
    }

    private sealed class Hologram : AIContent;
}
