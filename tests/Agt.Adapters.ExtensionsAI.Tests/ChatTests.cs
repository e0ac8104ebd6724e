using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class ChatTests
{
    private static readonly (string, string, Dictionary<string, object?>) Delete = ("c1", "delete", new() { ["path"] = "/data/a" });

    [Fact]
    [Requirement("ADP-220", "ADP-221", "ADP-C02")]
    public async Task A_turn_with_a_tool_is_one_input_two_model_calls_and_one_tool_call()
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Calls(Delete), Says("gone"));
        var tool = new Tool();
        var options = new ChatOptions { Tools = [tool.Function] };
        List<ChatMessage> history = [new(ChatRole.User, "delete it")];

        ChatResponse response = await host.Govern(model).GetResponseAsync(history, options);

        Assert.Equal("gone", response.Text);
        Assert.Equal("/data/a", Assert.Single(tool.Paths));
        Assert.Single(host.Decisions(InterventionPoint.Input));
        Assert.Equal(2, host.Decisions(InterventionPoint.PreModelCall).Count);
        LoggedRecord call = Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
        Assert.Equal("c1", call.CallId);
        Assert.Single(host.Records.Select(r => r.Session).Distinct());
        Assert.Same(tool.Function, Assert.Single(options.Tools));
        Assert.Single(history);
        Assert.All(host.Records, r => Assert.NotEqual(VerdictOutcome.Deny, r.Decision?.Outcome ?? VerdictOutcome.Allow));
    }

    [Fact]
    [Requirement("ADP-048", Partial = "hooks of two adapters around one call are not recognized as one")]
    public async Task Every_action_is_decided_once_and_knows_what_it_happens_in()
    {
        var seen = new List<string>();
        using var host = new Host(new TestInterceptor("trace")
        {
            Before = (context, _) =>
            {
                seen.Add(context.Point.WireName() + "<" + context.Action.Parent?.Template.Operation);
                return default;
            },
        });

        await host.Govern(new ScriptedChatClient(Calls(Delete), Says("gone"))).GetResponseAsync("x", new ChatOptions { Tools = [new Tool().Function] });

        Assert.Equal(["agent_startup<", "input<", "pre_model_call<chat_turn", "pre_tool_call<chat_turn", "pre_model_call<chat_turn"], seen);
    }

    [Fact]
    [Requirement("ADP-222", "ADP-X08", "ADP-151", "ADP-C03", "ADP-C05")]
    public async Task A_denied_tool_is_told_to_the_model_and_the_loop_goes_on()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var model = new ScriptedChatClient(Calls(Delete), Says("I may not"));
        var tool = new Tool();

        ChatResponse response = await host.Govern(model).GetResponseAsync("x", new ChatOptions { Tools = [tool.Function] });

        Assert.Empty(tool.Paths);
        Assert.Equal("I may not", response.Messages[^1].Text);
        FunctionResultContent result = Assert.Single(model.Requests[1].SelectMany(m => m.Contents).OfType<FunctionResultContent>());
        Assert.StartsWith("Denied by governance policy. (decision ", (string)result.Result!, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", (string)result.Result!, StringComparison.Ordinal);
        Assert.Null(result.Exception);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-154", "ADP-223", "ADP-C31", "ADP-C36")]
    public async Task A_denial_can_stop_the_loop_and_every_call_has_a_result(bool streaming)
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var model = new ScriptedChatClient(Calls(Delete, ("c2", "delete", new() { ["path"] = "/data/b" })), Says("never"));
        IChatClient client = host.Govern(model, options => options.TerminateOnDeny = true);
        var tools = new ChatOptions { Tools = [new Tool().Function] };

        ChatResponse response = streaming
            ? await client.GetStreamingResponseAsync("x", tools).ToChatResponseAsync()
            : await client.GetResponseAsync("x", tools);

        Assert.Single(model.Requests);
        List<AIContent> contents = [.. response.Messages.SelectMany(m => m.Contents)];
        Assert.Equal(["c1", "c2"], contents.OfType<FunctionResultContent>().Select(r => r.CallId));
        Assert.All(contents.OfType<FunctionCallContent>(), c => Assert.True(c.InformationalOnly));
    }

    [Theory]
    [InlineData(ApprovalMode.Inline, 3)]
    [InlineData(ApprovalMode.Native, 2)]
    [Requirement("ADP-152")]
    public async Task A_model_that_asks_for_the_same_denied_call_again_and_again_is_stopped(ApprovalMode mode, int most)
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var model = new ScriptedChatClient([.. Enumerable.Range(0, 9).SelectMany(i => new[]
        {
            Calls(("c" + i, "delete", new() { ["path"] = "/data/a" })), Calls(("d" + i, "delete", new() { ["path"] = "/data/" + i })),
        })]);

        ChatResponse response = await host.Govern(model, options =>
        {
            options.ApprovalMode = mode;
            options.MaxDeniedRepeats = most;
        }).GetResponseAsync("x", new ChatOptions { Tools = [new Tool().Function] });

        Assert.Equal((2 * most) - 1, model.Requests.Count);
        List<AIContent> contents = [.. response.Messages.SelectMany(message => message.Contents)];
        Assert.Equal(
            contents.OfType<FunctionCallContent>().Select(call => call.CallId), contents.OfType<FunctionResultContent>().Select(result => result.CallId));
        Assert.Equal((2 * most) - 1, host.Decisions(InterventionPoint.PreToolCall).Count);
    }

    [Fact]
    [Requirement("ADP-101", "ADP-224", "ADP-C10", "ADP-X08")]
    public async Task Rewritten_arguments_reach_the_tool_and_leave_the_history_alone()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Set("args.path", "\"/tmp\"")));
        var model = new ScriptedChatClient(Calls(Delete), Says("gone"));
        var tool = new Tool();

        await host.Govern(model).GetResponseAsync("x", new ChatOptions { Tools = [tool.Function] });

        Assert.Equal("/tmp", Assert.Single(tool.Paths));
        FunctionCallContent call = Assert.Single(model.Requests[1].SelectMany(m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal("/data/a", call.Arguments!["path"]);
    }

    [Theory]
    [InlineData(InterventionPoint.Input, 0)]
    [InlineData(InterventionPoint.PreModelCall, 0)]
    [InlineData(InterventionPoint.PostModelCall, 1)]
    [InlineData(InterventionPoint.Output, 1)]
    [Requirement("ADP-220", "ADP-C20", "ADP-C22", "ADP-136")]
    public async Task A_denied_turn_is_a_filtered_reply_or_throws(InterventionPoint point, int modelCalls)
    {
        using var host = new Host(Host.At(point, _ => Host.Deny()));
        var model = new ScriptedChatClient(Says("s3cret"), Says("s3cret"), Says("s3cret"));

        ChatResponse whole = await host.Govern(model).GetResponseAsync("x");
        ChatResponse streamed = await host.Govern(model).GetStreamingResponseAsync("x").ToChatResponseAsync();
        GovernanceDeniedException thrown = await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => host.Govern(model, options => options.ThrowOnDeny = true).GetResponseAsync("x"));

        foreach (ChatResponse response in new[] { whole, streamed })
        {
            Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
            Assert.StartsWith("Denied by governance policy. (decision ", response.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", response.Text, StringComparison.Ordinal);
            Assert.Single(response.Messages);
        }

        Assert.DoesNotContain("secret", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(modelCalls * 3, model.Requests.Count);
    }

    [Fact]
    public async Task Calls_in_a_denied_reply_of_the_model_do_not_run()
    {
        using var host = new Host(Host.At(InterventionPoint.PostModelCall, context =>
            context.Output.TryGetMember("tool_calls", out GovernedValue calls) && calls[0].TryGetMember("name", out GovernedValue name) && name.AsString() == "delete" ? Host.Deny() : default));
        var tool = new Tool();

        ChatResponse response = await host.Govern(new ScriptedChatClient(Calls(Delete))).GetResponseAsync("x", new ChatOptions { Tools = [tool.Function] });

        Assert.Empty(tool.Paths);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
    }

    [Fact]
    [Requirement("ADP-229", "ADP-C31")]
    public async Task Calls_at_once_are_decided_one_by_one_in_one_session()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, context =>
            context.Payload.TryGetMember("path", out GovernedValue path) && path.AsString() == "p3" ? Host.Deny() : default));
        (string, string, Dictionary<string, object?>)[] calls = [.. Enumerable.Range(0, 8).Select(i => ($"c{i}", "delete", new Dictionary<string, object?> { ["path"] = $"p{i}" }))];
        var model = new ScriptedChatClient(Calls(calls), Says("ok"));
        var tool = new Tool(meet: 7);

        await host.Govern(model, options => options.ConfigureFunctionInvocation = loop => loop.AllowConcurrentInvocation = true)
            .GetResponseAsync("x", new ChatOptions { Tools = [tool.Function] });

        Assert.Equal(["p0", "p1", "p2", "p4", "p5", "p6", "p7"], tool.Paths.Order());
        Assert.Equal(8, host.Decisions(InterventionPoint.PreToolCall).Select(r => r.CallId).Distinct().Count());
        Assert.Equal(8, model.Requests[1].SelectMany(m => m.Contents).OfType<FunctionResultContent>().Count());
    }

    [Fact]
    [Requirement("ADP-032", "ADP-C26")]
    public async Task Every_request_has_a_session_of_its_own_unless_the_host_opens_one()
    {
        using var host = new Host();
        IChatClient client = host.Govern(new ScriptedChatClient([.. Enumerable.Repeat(Says("ok"), 8)]));

        await client.GetResponseAsync("a");
        await client.GetResponseAsync("b");
        Assert.Equal(2, host.Decisions(InterventionPoint.Input).Select(r => r.Session).Distinct().Count());

        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous));
        using (GovernanceScope.Enter(session))
        {
            await client.GetResponseAsync("c");
            await client.GetResponseAsync("d");
            Assert.Same(session, GovernanceScope.Session);
        }

        Assert.Equal(2, host.Decisions(InterventionPoint.Input).Count(r => r.Session == session.Id));
        Assert.Equal(24, session.Tokens);
        Assert.Equal(2, session.ModelCalls);
    }

    [Fact]
    [Requirement("ADP-068", "ADP-C29")]
    public async Task Tokens_are_counted_as_reported_or_guessed_from_the_text()
    {
        using var host = new Host();
        var silent = new ScriptedChatClient(_ => new ChatResponse(new ChatMessage(ChatRole.Assistant, "12345")));
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous));
        using GovernanceScope.Scope scope = GovernanceScope.Enter(session);

        await host.Govern(silent).GetResponseAsync("12");

        Assert.Equal(3, session.Tokens);
    }

    [Fact]
    [Requirement("ADP-068", "ADP-C29")]
    public async Task A_request_for_a_longer_answer_than_the_session_may_use_is_not_sent()
    {
        using var host = new Host();
        var model = new ScriptedChatClient(Says("ok"));
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous), new SessionOptions { Limits = new SessionLimits { MaxTokens = 100 } });
        using GovernanceScope.Scope scope = GovernanceScope.Enter(session);

        ChatResponse refused = await host.Govern(model).GetResponseAsync("x", new ChatOptions { MaxOutputTokens = 101 });

        Assert.Equal(ChatFinishReason.ContentFilter, refused.FinishReason);
        Assert.Empty(model.Requests);
        Assert.Equal("ok", (await host.Govern(model).GetResponseAsync("x", new ChatOptions { MaxOutputTokens = 100 })).Text);
    }

    [Fact]
    [Requirement("ADP-008", "ADP-006", "ADP-C50")]
    public async Task Nothing_ungoverned_comes_out_of_a_governed_client()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var model = new ScriptedChatClient(Calls(Delete), Says("no"));
        IChatClient client = host.Govern(model);

        Assert.Null(client.GetService<ScriptedChatClient>());
        Assert.Null(client.GetService(typeof(IChatClient), "key"));
        Assert.Equal("scripted", client.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Same(client, client.AsBuilder().UseGovernance().Build(host.Services));

        // What may be taken out, to set it up, is governed as well.
        var tool = new Tool();
        FunctionInvokingChatClient loop = client.GetService<FunctionInvokingChatClient>()!;
        loop.AdditionalTools = [tool.Function];
        await loop.GetResponseAsync([new(ChatRole.User, "x")]);
        Assert.Empty(tool.Paths);
        Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
        Assert.Equal(2, host.Decisions(InterventionPoint.PreModelCall).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-221")]
    public async Task A_function_loop_of_the_hosts_own_is_governed_and_no_second_one_is_added(bool additional)
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var model = new ScriptedChatClient(Calls(Delete), Says("no"));
        var tool = new Tool();
        IChatClient client = model.AsBuilder().UseGovernance()
            .UseFunctionInvocation(configure: loop => loop.AdditionalTools = additional ? [tool.Function] : null).Build(host.Services);

        await client.GetResponseAsync("x", additional ? null : new ChatOptions { Tools = [tool.Function] });

        Assert.Empty(tool.Paths);
        Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
        Assert.Single(host.Decisions(InterventionPoint.PreModelCall));
        Assert.Null(client.GetService<FunctionInvokingChatClient>());
    }

    [Fact]
    public void Without_governance_the_client_is_not_built()
    {
        var empty = new ServiceCollection().BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(() => new ScriptedChatClient().AsBuilder().UseGovernance().Build(empty));
        Assert.Contains("AddGovernance", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ScriptedChatClient().AsBuilder().UseGovernance(null, o => o.MaxBufferedUpdates = 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-112", "ADP-C37")]
    public async Task A_person_may_approve_or_refuse_a_call_inside_the_loop(bool approve)
    {
        using var host = new Host(
            builder => builder.AddApprovals((request, _) => new(approve ? request.Approve("alice") : request.Reject("alice"))),
            Host.At(InterventionPoint.PreToolCall, _ => Verdict.Escalate()));
        var tool = new Tool();

        await host.Govern(new ScriptedChatClient(Calls(Delete), Says("ok"))).GetResponseAsync("x", new ChatOptions { Tools = [tool.Function] });

        Assert.Equal(approve ? 1 : 0, tool.Paths.Count);
    }

    [Fact]
    [Requirement("ADP-112")]
    public async Task A_message_changed_while_a_person_thought_is_not_sent()
    {
        var text = new TextContent("hello");
        using var host = new Host(
            builder => builder.AddApprovals((request, _) =>
            {
                text.Text = "rm -rf";
                return new(request.Approve("alice"));
            }),
            Host.At(InterventionPoint.Input, _ => Verdict.Escalate()));
        var model = new ScriptedChatClient(Says("never"));

        ChatResponse response = await host.Govern(model).GetResponseAsync(new ChatMessage(ChatRole.User, [text]));

        Assert.Empty(model.Requests);
        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Equal(ReasonCodes.ApprovalActionMismatch, host.Decisions(InterventionPoint.Input)[^1].Decision!.Reason);
    }

    [Fact]
    [Requirement("ADP-C34", "ADP-099")]
    public async Task Cancellation_passes_through_and_is_recorded()
    {
        using var host = new Host();
        using var cancellation = new CancellationTokenSource();
        var model = new ScriptedChatClient(_ =>
        {
            cancellation.Cancel();
            throw new OperationCanceledException(cancellation.Token);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Govern(model).GetResponseAsync("x", cancellationToken: cancellation.Token));

        Assert.Equal([OutcomeStatus.Cancelled, OutcomeStatus.Cancelled], host.Records.Where(r => r.IsOutcome).Select(r => r.Status!.Value));
    }

    [Fact]
    [Requirement("ADP-226", "ADP-221")]
    public async Task A_tool_that_needs_the_frameworks_own_approval_asks_for_it_and_is_governed_after_it()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Set("args.path", "\"/tmp\"")));
        var tool = new Tool();
        var options = new ChatOptions { Tools = [new ApprovalRequiredAIFunction(tool.Function)] };
        IChatClient client = host.Govern(new ScriptedChatClient(Calls(Delete), Says("gone")));
        List<ChatMessage> history = [new(ChatRole.User, "x")];

        ChatResponse asking = await client.GetResponseAsync(history, options);
        ToolApprovalRequestContent request = Assert.Single(asking.Messages.SelectMany(m => m.Contents).OfType<ToolApprovalRequestContent>());
        Assert.Empty(tool.Paths);

        history.AddRange(asking.Messages);
        history.Add(new ChatMessage(ChatRole.User, [request.CreateResponse(true)]));
        ChatResponse done = await client.GetResponseAsync(history, options);

        Assert.Equal("/tmp", Assert.Single(tool.Paths));
        Assert.Equal("gone", done.Messages[^1].Text);
        Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
    }

    [Fact]
    [Requirement("ADP-229", "ADP-C32")]
    public async Task Sessions_at_once_do_not_mix()
    {
        var mixed = new List<string>();
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, context =>
        {
            lock (mixed)
            {
                if (context.Action.Parent?.Session != context.Session)
                {
                    mixed.Add(context.Session.Id.ToString()!);
                }
            }

            return default;
        }));
        var tool = new Tool(meet: 16);
        IChatClient[] clients = [.. Enumerable.Range(0, 16).Select(_ => host.Govern(new ScriptedChatClient(Calls(Delete), Says("ok"))))];

        await Task.WhenAll(clients.Select(c => Task.Run(() => c.GetResponseAsync("x", new ChatOptions { Tools = [tool.Function] }))));

        Assert.Empty(mixed);
        Assert.Equal(16, tool.Paths.Count);
        Assert.Equal(16, host.Decisions(InterventionPoint.PreToolCall).Select(r => r.Session).Distinct().Count());
    }

    [Fact]
    [Requirement("ADP-002", "ADP-C01")]
    public void The_adapter_says_what_it_covers_once()
    {
        using var host = new Host(builder => builder.AddExtensionsAIAdapter().AddExtensionsAIAdapter());

        AdapterDescriptor descriptor = Assert.Single(host.Services.GetServices<IGovernanceAdapter>()).Descriptor;

        Assert.Equal(typeof(IChatClient).Assembly.GetName().Version!.Major, Version.Parse(descriptor.MinVersion).Major);
        Assert.Contains(InterventionPoint.PostModelCall, descriptor.Points);
        Assert.True(descriptor.Capabilities.HasFlag(AdapterCapabilities.NativeApproval));
        Assert.Equal(descriptor.KnownBypasses.Count, descriptor.KnownBypasses.Select(b => b.Id).Distinct().Count());
    }

    /// <summary>A tool that remembers its paths; it can wait until so many calls are in it at once.</summary>
    private sealed class Tool
    {
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Tool(int meet = 1) => Function = AIFunctionFactory.Create(
            async (string path) =>
            {
                lock (_lock)
                {
                    Paths.Add(path);
                    if (Paths.Count == meet)
                    {
                        _met.SetResult();
                    }
                }

                await (meet > 1 ? _met.Task : Task.CompletedTask);
                return "deleted " + path;
            },
            "delete");

        internal AIFunction Function { get; }

        internal List<string> Paths { get; } = [];
    }
}
