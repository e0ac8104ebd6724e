using System.Security.Claims;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Agt.Adapters.ExtensionsAI.Tests.ScriptedChatClient;

namespace Agt.Adapters.ExtensionsAI.Tests;

/// <summary>Approvals that the framework itself carries to the person and back.</summary>
public sealed class NativeApprovalTests
{
    private readonly List<string> _ran = [];
    private readonly EventLog _events = new();
    private bool _refuses;

    private ChatOptions Options => new()
    {
        Tools =
        [
            AIFunctionFactory.Create((string to) => { _ran.Add("send " + to); return "sent"; }, "send"),
            AIFunctionFactory.Create((string path) => { _ran.Add("read " + path); return "text"; }, "read"),
            AIFunctionFactory.Create((string path) => { _ran.Add("delete " + path); return "gone"; }, "delete"),
        ],
    };

    private static (string, string, Dictionary<string, object?>) Send => ("c1", "send", new() { ["to"] = "ann" });

    private static (string, string, Dictionary<string, object?>) Read => ("c2", "read", new() { ["path"] = "/a" });

    private static (string, string, Dictionary<string, object?>) Delete => ("c3", "delete", new() { ["path"] = "/b" });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-110", "ADP-116", "ADP-225", "ADP-115", "ADP-067", "ADP-C37")]
    public async Task A_call_that_needs_a_person_interrupts_the_batch_and_runs_once_when_it_is_resumed(bool streaming)
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Calls(Send, Read), Says("done"));
        IChatClient client = Native(host, model);
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous), new SessionOptions { Limits = new SessionLimits { MaxToolCalls = 2 } });
        using GovernanceScope.Scope scope = GovernanceScope.Enter(session);

        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse asking = await AskAsync(client, history, streaming);

        Assert.Empty(_ran);
        Assert.Single(model.Requests);
        List<ToolApprovalRequestContent> requests = Requests(asking);
        Assert.Equal(["c1", "c2"], requests.Select(request => request.ToolCall.CallId));
        Assert.Equal(2, requests.Select(request => request.RequestId).Distinct().Count());
        Assert.All(requests, request => Assert.Matches("^[A-Za-z0-9_-]{100,}\\.[A-Za-z0-9_-]{43}$", request.RequestId));
        Assert.Equal(0, session.ToolCalls);
        Assert.Contains("approval_requested", _events.Kinds);

        history = [.. history, .. asking.Messages, new(ChatRole.User, [.. requests.Select(request => request.CreateResponse(true))])];
        ChatResponse done = await AskAsync(client, history, streaming);

        Assert.Equal("done", done.Text);
        Assert.Equal(["send ann", "read /a"], _ran);
        Assert.Equal(2, session.ToolCalls);
        Assert.Equal(["approval_required", "approved", "allowed"], host.Decisions(InterventionPoint.PreToolCall).Select(record => record.Decision!.Reason.Code));
        Assert.Equal("ann.admin", host.Decisions(InterventionPoint.PreToolCall)[1].Approver);
        Assert.DoesNotContain("bypass_detected", _events.Kinds);
    }

    [Fact]
    [Requirement("ADP-110", "ADP-225", "ADP-C37")]
    public async Task A_call_that_a_person_rejects_does_not_run_and_its_ticket_is_used_up()
    {
        using Host host = NewHost();
        IChatClient client = Native(host, new ScriptedChatClient(Calls(Send), Says("as you like"), Says("still not")));
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse asking = await client.GetResponseAsync(history, Options);
        ToolApprovalRequestContent request = Assert.Single(Requests(asking));
        history = [.. history, .. asking.Messages];

        ChatResponse refused = await client.GetResponseAsync([.. history, new(ChatRole.User, [request.CreateResponse(false)])], Options);
        Assert.Equal("as you like", refused.Text);
        await client.GetResponseAsync([.. history, new(ChatRole.User, [request.CreateResponse(true)])], Options);

        Assert.Empty(_ran);
        Assert.Contains("bypass_detected", _events.Kinds);
    }

    [Fact]
    [Requirement("ADP-115", "ADP-225", "ADP-C39")]
    public async Task A_denial_on_resume_beats_the_approval()
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Calls(Send), Says("pity"));
        IChatClient client = Native(host, model);
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse asking = await client.GetResponseAsync(history, Options);
        _refuses = true;

        await client.GetResponseAsync([.. history, .. asking.Messages, new(ChatRole.User, [Assert.Single(Requests(asking)).CreateResponse(true)])], Options);

        Assert.Empty(_ran);
        Assert.Equal(ReasonCodes.RuleDenied, host.Decisions(InterventionPoint.PreToolCall)[^1].Decision!.Reason);
    }

    [Fact]
    [Requirement("ADP-113", "ADP-114", "ADP-C38")]
    public async Task A_ticket_expires_and_counts_only_in_the_session_and_for_the_principal_that_asked()
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Calls(Send), Says("no"), Says("no"), Says("no"), Says("no"));
        IChatClient client = Native(host, model);
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        await using GovernanceSession one = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous, "bob"));
        await using GovernanceSession two = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous, "bob"));
        await using GovernanceSession eve = await host.Governance.OpenSessionAsync(new Principal(AgentId.Anonymous, "eve"));
        ChatResponse asking;
        using (GovernanceScope.Enter(one))
        {
            asking = await client.GetResponseAsync(history, Options);
        }

        history = [.. history, .. asking.Messages, new(ChatRole.User, [Assert.Single(Requests(asking)).CreateResponse(true)])];
        foreach (GovernanceSession other in new[] { two, eve })
        {
            using GovernanceScope.Scope scope = GovernanceScope.Enter(other);
            await client.GetResponseAsync(history, Options);
        }

        await client.GetResponseAsync(history, Options);
        ((FakeTimeProvider)host.Services.GetRequiredService<TimeProvider>()).Advance(TimeSpan.FromMinutes(15));
        using (GovernanceScope.Enter(one))
        {
            await client.GetResponseAsync(history, Options);
        }

        Assert.Empty(_ran);
        Assert.Equal(4, _events.Kinds.Count(kind => kind == "bypass_detected"));
    }

    [Fact]
    [Requirement("ADP-112", "ADP-115")]
    public async Task An_approval_does_not_cover_what_policy_makes_of_the_call_later()
    {
        string folder = "/a";
        using var host = new Host(
            Host.At(InterventionPoint.PreToolCall, _ => Host.Set("args.to", "\"" + folder + "\"")),
            new TestInterceptor("people") { Before = (context, _) => new(Escalates(context)) });
        IChatClient client = Native(host, new ScriptedChatClient(Calls(Send), Says("no")));
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse asking = await client.GetResponseAsync(history, Options);
        folder = "/etc";

        await client.GetResponseAsync([.. history, .. asking.Messages, new(ChatRole.User, [Assert.Single(Requests(asking)).CreateResponse(true)])], Options);

        Assert.Empty(_ran);
        Assert.Equal(ReasonCodes.ApprovalActionMismatch, host.Decisions(InterventionPoint.PreToolCall)[^1].Decision!.Reason);
    }

    [Theory]
    [InlineData("dora", 1)]
    [InlineData("eve", 0)]
    [Requirement("ADP-225", "ADP-117")]
    public async Task Only_those_whom_the_rule_names_may_approve(string who, int runs)
    {
        using var host = new Host(new TestInterceptor("people")
        {
            Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall
                ? Verdict.Escalate(null, ["Dora"])
                : default),
        });
        IChatClient client = host.Govern(new ScriptedChatClient(Calls(Send), Says("end")), options =>
        {
            options.ApprovalMode = ApprovalMode.Native;
            options.IdentifyApprover = _ => Person(who);
        });
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse asking = await client.GetResponseAsync(history, Options);

        await client.GetResponseAsync([.. history, .. asking.Messages, new(ChatRole.User, [Assert.Single(Requests(asking)).CreateResponse(true)])], Options);

        Assert.Equal(runs, _ran.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Requirement("ADP-228", "ADP-154", "ADP-C31", "ADP-C40")]
    public async Task A_call_denied_beside_one_that_needs_a_person_has_its_result_at_once(bool streaming)
    {
        using Host host = NewHost();
        IChatClient client = Native(host, new ScriptedChatClient(Calls(Send, Delete), Says("done")));
        List<ChatMessage> history = [new(ChatRole.User, "go")];

        ChatResponse asking = await AskAsync(client, history, streaming);

        List<AIContent> contents = [.. asking.Messages.SelectMany(message => message.Contents)];
        Assert.True(Assert.Single(contents.OfType<FunctionCallContent>()).InformationalOnly);
        FunctionResultContent result = Assert.Single(contents.OfType<FunctionResultContent>());
        Assert.Equal("c3", result.CallId);
        Assert.StartsWith("Denied by governance policy. (decision ", (string)result.Result!, StringComparison.Ordinal);
        Assert.Equal("c1", Assert.Single(Requests(asking)).ToolCall.CallId);
        Assert.Empty(_ran);
    }

    [Fact]
    [Requirement("ADP-228")]
    public async Task A_call_denied_beside_one_that_may_run_is_only_information_to_the_loop()
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Calls(Read, Delete), Says("done"));

        ChatResponse response = await Native(host, model).GetResponseAsync("go", Options);

        Assert.Equal(["read /a"], _ran);
        Assert.Equal("done", response.Text);
        Assert.Equal(["c2", "c3"], model.Requests[1].SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).Order());
        Assert.Equal(["rule_denied", "allowed"], host.Decisions(InterventionPoint.PreToolCall).Select(record => record.Decision!.Reason.Code));
    }

    [Fact]
    [Requirement("ADP-228", "ADP-222")]
    public async Task A_batch_that_is_denied_as_a_whole_is_decided_on_once_and_the_model_goes_on()
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Calls(Delete), Says("pity"));

        ChatResponse response = await Native(host, model).GetResponseAsync("go", Options);

        Assert.Equal("pity", response.Text);
        Assert.Single(host.Decisions(InterventionPoint.PreToolCall));
        Assert.StartsWith(
            "Denied", (string)Assert.Single(model.Requests[1].SelectMany(message => message.Contents).OfType<FunctionResultContent>()).Result!, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-223", "ADP-154")]
    public async Task A_denial_at_the_model_boundary_can_stop_the_loop()
    {
        using Host host = NewHost();
        var model = new ScriptedChatClient(Calls(Read, Send, Delete), Says("never"));
        IChatClient client = host.Govern(model, options =>
        {
            options.ApprovalMode = ApprovalMode.Native;
            options.TerminateOnDeny = true;
        });

        ChatResponse response = await client.GetResponseAsync("go", Options);

        Assert.Empty(_ran);
        Assert.Single(model.Requests);
        Assert.Empty(Requests(response));
        Assert.Equal(["c2", "c1", "c3"], response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId));
    }

    [Fact]
    public async Task Calls_with_one_id_are_refused_since_an_answer_could_be_for_either()
    {
        using Host host = NewHost();
        IChatClient client = Native(host, new ScriptedChatClient(Calls(Send, ("c1", "send", new() { ["to"] = "mallory" }))));

        ChatResponse response = await client.GetResponseAsync("go", Options);

        Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
        Assert.Empty(Requests(response));
        Assert.Empty(_ran);
    }

    [Fact]
    [Requirement("ADP-114", "ADP-X11")]
    public async Task A_model_that_answers_for_the_person_is_refused()
    {
        using Host host = NewHost();
        var call = new FunctionCallContent("c1", "send", new Dictionary<string, object?> { ["to"] = "mallory" });
        var request = new ToolApprovalRequestContent("made-up", call);
        IChatClient client = Native(host, new ScriptedChatClient(
            _ => new ChatResponse(new ChatMessage(ChatRole.Assistant, [request, request.CreateResponse(true)])),
            _ => new ChatResponse(new ChatMessage(ChatRole.Assistant, [request])),
            Says("done")));
        List<ChatMessage> history = [new(ChatRole.User, "go")];

        ChatResponse both = await client.GetResponseAsync(history, Options);
        Assert.Equal(ChatFinishReason.ContentFilter, both.FinishReason);

        ChatResponse asked = await client.GetResponseAsync(history, Options);
        Assert.NotEqual("made-up", Assert.Single(Requests(asked)).RequestId);
        await client.GetResponseAsync([.. history, .. asked.Messages, new(ChatRole.User, [request.CreateResponse(true)])], Options);

        Assert.Empty(_ran);
    }

    [Theory]
    [InlineData(StreamingMode.Buffer)]
    [InlineData(StreamingMode.Window)]
    [Requirement("ADP-226", "ADP-114", "ADP-229")]
    public async Task The_frameworks_own_approval_has_a_ticket_in_streams_too(StreamingMode streaming)
    {
        using var host = new Host(new SaysNothing());
        IChatClient client = host.Govern(new ScriptedChatClient(Calls(Send), Says("no"), Says("done")), options => options.Streaming = streaming);
        var tools = new ChatOptions { Tools = [new ApprovalRequiredAIFunction((AIFunction)Options.Tools![0])] };
        List<ChatMessage> history = [new(ChatRole.User, "go")];

        ChatResponse asking = await client.GetStreamingResponseAsync(history, tools).ToChatResponseAsync();
        ToolApprovalRequestContent request = Assert.Single(Requests(asking));
        Assert.Matches("^[A-Za-z0-9_-]{100,}\\.[A-Za-z0-9_-]{43}$", request.RequestId);
        history = [.. history, .. asking.Messages];
        var guessed = new ToolApprovalRequestContent("ficc_c1", request.ToolCall);
        await client.GetStreamingResponseAsync([.. history[..1], new(ChatRole.Assistant, [guessed]), new(ChatRole.User, [guessed.CreateResponse(true)])], tools).ToChatResponseAsync();
        Assert.Empty(_ran);

        ChatResponse done = await client.GetStreamingResponseAsync([.. history, new(ChatRole.User, [request.CreateResponse(true)])], tools).ToChatResponseAsync();

        Assert.Equal(["send ann"], _ran);
        Assert.Equal("done", done.Messages[^1].Text);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("    - name: asks\n      condition: tool_name == 'send'\n      action: require_approval\n", 0)]
    [Requirement("ADP-067", "ADP-066", "ADP-225")]
    public async Task What_a_rehearsal_takes_of_a_rate_it_gives_back(string rule, int runsAtOnce)
    {
        string policy = "apiVersion: governance.toolkit/v1\nname: p\nagents: [\"*\"]\ndefault_action: allow\nrules:\n" +
            "    - name: once\n      condition: tool_name == 'send'\n      action: rate_limit\n      limit: 1/hour\n" + rule;
        using var host = new Host(builder => builder.AddPolicyText(policy));
        IChatClient client = Native(host, new ScriptedChatClient(Calls(Send), Says("end"), Calls(("c9", "send", new() { ["to"] = "bob" })), Says("end")));
        List<ChatMessage> history = [new(ChatRole.User, "go")];

        ChatResponse first = await client.GetResponseAsync(history, Options);
        Assert.Equal(runsAtOnce, _ran.Count);
        if (runsAtOnce == 0)
        {
            await client.GetResponseAsync([.. history, .. first.Messages, new(ChatRole.User, [Assert.Single(Requests(first)).CreateResponse(true)])], Options);
        }

        Assert.Equal(["send ann"], _ran);
        await client.GetResponseAsync(history, Options);
        Assert.Equal(["send ann"], _ran);
    }

    [Fact]
    [Requirement("ADP-114", "ADP-225", "ADP-X11", "ADP-C38")]
    public async Task However_an_answer_is_edited_only_the_one_to_the_very_question_runs_anything()
    {
        using Host host = NewHost();
        await Gen.Select(Gen.Int[-1, 6], Gen.String[Gen.Char.AlphaNumeric, 1, 8], Gen.Bool).SampleAsync(async (edit, text, inFront) =>
        {
            _ran.Clear();
            IChatClient client = Native(host, new ScriptedChatClient(Calls(Send), Says("end")));
            List<ChatMessage> history = [new(ChatRole.User, "go")];
            ChatResponse asking = await client.GetResponseAsync(history, Options);
            ToolApprovalRequestContent request = Assert.Single(Requests(asking));
            var call = (FunctionCallContent)request.ToolCall;
            int at = text.Length * 7 % request.RequestId.Length;
            ToolApprovalResponseContent answer = edit switch
            {
                0 => new(request.RequestId + text, true, call),
                1 => new(request.RequestId.Remove(at, 1), true, call),
                2 => new(text, true, call),
                3 => new(request.RequestId, true, new FunctionCallContent(call.CallId + text, call.Name, call.Arguments)),
                4 => new(request.RequestId, true, new FunctionCallContent(call.CallId, text, call.Arguments)),
                5 => new(request.RequestId, true, new FunctionCallContent(call.CallId, call.Name, new Dictionary<string, object?> { ["to"] = "ann" + text })),
                6 => new(request.RequestId, true, new FunctionCallContent(call.CallId, call.Name, new Dictionary<string, object?> { ["to"] = "ann", [text] = 1 })),
                _ => request.CreateResponse(true),
            };

            ChatMessage question = new(ChatRole.Assistant, [new ToolApprovalRequestContent(answer.RequestId, answer.ToolCall)]);
            ChatMessage reply = new(ChatRole.User, inFront ? [new TextContent(text), answer] : [answer, new TextContent(text)]);
            await client.GetResponseAsync([.. history, question, reply], Options);
            return _ran.Count == (edit == -1 ? 1 : 0);
        }, iter: 200, threads: 1);
    }

    [Fact]
    [Requirement("ADP-113")]
    public async Task No_more_than_so_many_requests_are_open_and_the_oldest_counts_no_more()
    {
        using Host host = NewHost();
        IChatClient client = Native(host, new ScriptedChatClient([.. Enumerable.Repeat(Calls(Send), 1_025), Says("no"), Says("yes")]));
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse first = await client.GetResponseAsync(history, Options);
        ChatResponse last = first;
        for (int i = 0; i < 1_024; i++)
        {
            last = await client.GetResponseAsync(history, Options);
        }

        await client.GetResponseAsync([.. history, .. first.Messages, new(ChatRole.User, [Assert.Single(Requests(first)).CreateResponse(true)])], Options);
        Assert.Empty(_ran);
        await client.GetResponseAsync([.. history, .. last.Messages, new(ChatRole.User, [Assert.Single(Requests(last)).CreateResponse(true)])], Options);
        Assert.Equal(["send ann"], _ran);
    }

    [Theory]
    [InlineData(true, "agent-1", 1)]
    [InlineData(true, "agent-2", 0)]
    [InlineData(false, "agent-1", 0)]
    [Requirement("ADP-113", "ADP-114", "ADP-231")]
    public async Task Clients_of_one_host_share_what_is_open_if_they_act_for_the_same_agent(bool shares, string other, int runs)
    {
        using var host = new Host(
            builder => _ = shares ? builder.AddExtensionsAIAdapter() : builder,
            new TestInterceptor("people") { Before = (context, _) => new(Escalates(context)) });
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        ChatResponse asking = await ClientOf("agent-1", Calls(Send)).GetResponseAsync(history, Options);

        await ClientOf(other, Says("end")).GetResponseAsync([.. history, .. asking.Messages, new(ChatRole.User, [Assert.Single(Requests(asking)).CreateResponse(true)])], Options);

        Assert.Equal(runs, _ran.Count);

        IChatClient ClientOf(string agent, Func<ScriptedChatClient, ChatResponse> reply) => host.Govern(new ScriptedChatClient(reply), options =>
        {
            options.ApprovalMode = ApprovalMode.Native;
            options.Agent = AgentId.Parse(agent);
        });
    }

    [Fact]
    public void Native_approval_needs_the_loop_of_governance()
    {
        using Host host = NewHost();
        ChatClientBuilder builder = new ScriptedChatClient().AsBuilder().UseGovernance(null, options => options.ApprovalMode = ApprovalMode.Native).UseFunctionInvocation();

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => builder.Build(host.Services));

        Assert.Contains("UseFunctionInvocation", refused.Message, StringComparison.Ordinal);
    }

    private static List<ToolApprovalRequestContent> Requests(ChatResponse response) =>
        [.. response.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>()];

    private static ClaimsPrincipal Person(string name) => new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test"));

    private static Verdict Escalates(OperationContext context) => context.Point == InterventionPoint.PreToolCall && context.Template.Tool!.Name == "send"
        ? Verdict.Escalate()
        : default;

    private static IChatClient Native(Host host, ScriptedChatClient model) => host.Govern(model, options =>
    {
        options.ApprovalMode = ApprovalMode.Native;
        options.IdentifyApprover = _ => Person("ann.admin");
    });

    private async Task<ChatResponse> AskAsync(IChatClient client, IEnumerable<ChatMessage> messages, bool streaming) => streaming
        ? await client.GetStreamingResponseAsync(messages, Options).ToChatResponseAsync()
        : await client.GetResponseAsync(messages, Options);

    private Host NewHost() => new(
        builder => builder.AddObserver(_events),
        new TestInterceptor("people") { Before = (context, _) => new(Escalates(context)) },
        Host.At(InterventionPoint.PreToolCall, context => _refuses || context.Template.Tool!.Name == "delete" ? Host.Deny() : default));

    private sealed class SaysNothing : IWindowedInterceptor
    {
        public string Name => "says-nothing";

        public InterceptorStage Stage => InterceptorStage.Content;

        public IReadOnlyList<string>? BlockedLiterals(GovernedAction action) => [];

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => default;
    }
}
