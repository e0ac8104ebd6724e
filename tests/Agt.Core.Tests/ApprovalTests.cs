using Agt.Approvals;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

public sealed class ApprovalTests
{
    private static readonly TestInterceptor Escalating = new("asks") { Before = ChainTests.OnTool(_ => Verdict.Escalate("big", ["alice"])) };

    [Fact]
    [Requirement("ADP-110", "ADP-112", "POL-230", "POL-236")]
    public async Task An_approved_action_runs_and_the_approver_sees_what_will_run()
    {
        ApprovalRequest? seen = null;
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                seen = request;
                return new(request.Approve("alice", "fine"));
            }),
            Escalating,
            new TestInterceptor("redacts", InterceptorStage.Identity) { Before = ChainTests.OnTool(_ => ChainTests.Redaction("args.path")) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.True(result.IsAllowed);
        Assert.Equal("""{"force":true,"path":"[REDACTED]"}""", CanonicalJson.ToString(seen!.Payload));
        Assert.Equal("alice", Assert.Single(seen.Escalations).Verdict.Detail!.Approvers[0]);
        Assert.Equal("alice", chain.Records[0].Approver);
        Assert.Equal(ReasonCodes.Approved, chain.Records[0].Decision!.Reason);
    }

    [Fact]
    [Requirement("ADP-111", "POL-231")]
    public async Task Refused_missing_failing_and_late_approvals_are_denials()
    {
        Assert.Equal(ReasonCodes.ApprovalDenied, await ReasonOf((request, _) => new(request.Reject("alice"))));
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, await ReasonOf((_, _) => throw new InvalidOperationException()));
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, await ReasonOf((_, _) => new((ApprovalResponse)null!)));
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, await ReasonOf((request, _) => new(request.Approve(" "))));

        using var nobody = new ChainFixture(Escalating);
        Assert.Equal(ReasonCodes.ApprovalResolverMissing, (await nobody.RunAsync()).Decision.Reason);

        using var silent = new ChainFixture(builder => builder.AddApprovals((_, _) => new(new TaskCompletionSource<ApprovalResponse>().Task)), Escalating);
        Task<GovernedResult<string>> run = silent.RunAsync();
        silent.Time.Advance(TimeSpan.FromSeconds(301));
        Assert.Equal(ReasonCodes.ApprovalTimeout, (await run).Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-117")]
    public async Task An_agent_never_approves_itself() =>
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, await ReasonOf((request, _) => new(request.Approve(request.Principal.Agent.Value))));

    [Fact]
    [Requirement("POL-236")]
    public async Task An_answer_to_an_equal_action_does_not_count_a_second_time()
    {
        ApprovalResponse? first = null;
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) => new(first ??= request.Approve("alice"))),
            Escalating);
        GovernanceSession session = await chain.OpenAsync();

        GovernedResult<string> once = await chain.RunAsync(session: session);
        GovernedResult<string> twice = await chain.RunAsync(session: session);

        Assert.True(once.Executed);
        Assert.False(twice.Executed);
        Assert.Equal(ReasonCodes.ApprovalActionMismatch, twice.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-112")]
    public async Task A_forged_ticket_does_not_count() =>
        Assert.Equal(ReasonCodes.ApprovalActionMismatch, await ReasonOf((request, _) => new(request.Approve("alice") with { Ticket = request.Ticket + "A" })));

    [Fact]
    [Requirement("ADP-115")]
    public async Task What_was_revoked_while_a_person_thought_is_denied_although_approved()
    {
        bool revoked = false;
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                revoked = true;
                return new(request.Approve("alice"));
            }),
            Escalating,
            new TestInterceptor("kill", InterceptorStage.Containment) { Revalidate = (_, _) => new(revoked ? Verdict.Deny(ReasonCodes.RuleDenied) : default) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.False(result.Executed);
        Assert.Equal(ReasonCodes.RuleDenied, result.Decision.Reason);
    }

    [Fact]
    public async Task A_policy_that_changed_while_a_person_thought_makes_the_approval_void()
    {
        var source = new TestPolicySource();
        using var chain = new ChainFixture(
            builder =>
            {
                builder.Services.AddSingleton<IPolicySource>(source);
                builder.AddApprovals((request, _) =>
                {
                    source.Current = new TestPolicySource.Snapshot(2, null);
                    return new(request.Approve("alice"));
                });
            },
            Escalating,
            new TestInterceptor("policy", InterceptorStage.Policy));
        GovernanceSession live = await chain.OpenAsync(live: true);

        GovernedResult<string> result = await chain.RunAsync(session: live);

        Assert.Equal(ReasonCodes.ApprovalActionMismatch, result.Decision.Reason);
    }

    [Fact]
    public async Task A_session_closed_while_a_person_thought_runs_nothing()
    {
        GovernanceSession? session = null;
        using var chain = new ChainFixture(
            builder => builder.AddApprovals(async (request, _) =>
            {
                await session!.DisposeAsync();
                return request.Approve("alice");
            }),
            Escalating);
        session = await chain.OpenAsync();

        GovernedResult<string> result = await chain.RunAsync(session: session);

        Assert.Equal(ReasonCodes.SessionClosed, result.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-112")]
    public async Task Arguments_mutated_while_a_person_thought_do_not_reach_the_effect()
    {
        var arguments = new Dictionary<string, object?> { ["path"] = "/data/a", ["to"] = new List<object?> { "a@x" } };
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                arguments["path"] = "/etc/passwd";
                ((List<object?>)arguments["to"]!).Add("eve@x");
                return new(request.Approve("alice"));
            }),
            Escalating);
        GovernanceSession session = await chain.OpenAsync();
        ValueArena arena = chain.Governance.RentArena();
        arena.BeginMap();
        foreach ((string name, object? value) in arguments)
        {
            arena.Name(name);
            arena.WriteObject(value);
        }

        var action = new GovernedAction(chain.Tool, session, arena.End(uniqueNames: true), arena);
        GovernedResult<string> result = await chain.Governance.InvokeAsync(
            action, 0, static (_, operation, _) => new ValueTask<string>(CanonicalJson.ToString(operation.Payload)), TextCodec.Instance);

        Assert.Equal("""{"path":"/data/a","to":["a@x"]}""", result.Value);
    }

    [Fact]
    public async Task A_result_can_wait_for_a_person_too()
    {
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) => new(request.Payload.AsString()!.Contains("force", StringComparison.Ordinal) ? request.Reject("alice") : request.Approve("alice"))),
            new TestInterceptor("post") { After = (context, _, _) => new(context.Point == InterventionPoint.PostToolCall ? Verdict.Escalate() : default) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.True(result.Executed);
        Assert.Equal(ReasonCodes.ApprovalDenied, result.Decision.Reason);
        Assert.Null(result.Value);
    }

    [Fact]
    [Requirement("ADP-112")]
    [Requirement("ADP-X15")]
    public void The_action_digest_is_that_of_the_specification()
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", ChainFixture.Agent, new ToolIdentity("Files.Delete"), "test");

        Digest digest = ActionDigest.Compute(template, new SessionId("s-1"), ChainFixture.Arguments);

        Assert.Equal("sha256:2780720f27745eeacc8db0f979dd35ac048192d1cdfd6b63e66d8f24756748ad", digest.ToString());
    }

    [Fact]
    [Requirement("ADP-113")]
    public void The_ticket_seal_is_that_of_the_specification()
    {
        var sealer = new ApprovalTicketSealer([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

        string ticket = sealer.Seal("""{"v":1,"id":"a1","digest":"sha256:00","session":"s-1","exp":1767225600,"nonce":"n1"}""");
        string canonical = sealer.Seal(CanonicalJson.ToString(GovernedValue.FromJson("""{"v":1,"id":"a1","digest":"sha256:00","session":"s-1","exp":1767225600,"nonce":"n1"}""")));

        Assert.Contains("whZyWWSgfci1VPmCOkYn2ghU5o8muWFZObdK1XOkmRk", ticket + " " + canonical, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_broker_shows_no_control_characters_and_takes_only_yes()
    {
        var output = new StringWriter();
        using var broker = new ConsoleApprovalBroker(new StringReader("y\nmaybe\n"), output, "me");
        using var chain = new ChainFixture(builder => builder.AddApprovals(broker), Escalating);
        GovernanceSession session = await chain.OpenAsync();
        var action = new GovernedAction(chain.Tool, session, GovernedValue.FromJson("{\"path\":\"a\\u202eb\"}"));

        GovernedResult<string> yes = await chain.Governance.InvokeAsync(action, 0, static (_, _, _) => new ValueTask<string>("ok"), TextCodec.Instance);
        GovernedResult<string> maybe = await chain.RunAsync(session: session);
        GovernedResult<string> end = await chain.RunAsync(session: session);

        Assert.True(yes.IsAllowed);
        Assert.False(maybe.IsAllowed);
        Assert.False(end.IsAllowed);
        Assert.DoesNotContain('\u202e', output.ToString());
        Assert.Contains("\\u{202e}", output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<ReasonCode> ReasonOf(Func<ApprovalRequest, CancellationToken, ValueTask<ApprovalResponse>> ask)
    {
        using var chain = new ChainFixture(builder => builder.AddApprovals(ask), Escalating);
        GovernedResult<string> result = await chain.RunAsync();
        Assert.False(result.Executed);
        return result.Decision.Reason;
    }
}
