using Agt.Approvals;
using Agt.Events;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

/// <summary>Deciding on an action that does not happen now, and answers that a framework brings along.</summary>
public sealed class RehearsalTests
{
    [Theory]
    [InlineData(VerdictOutcome.Allow, "allowed", 0)]
    [InlineData(VerdictOutcome.Escalate, "approval_required", 1)]
    [InlineData(VerdictOutcome.Deny, "rule_denied", 1)]
    [Requirement("ADP-116", "ADP-067")]
    public async Task A_rehearsal_decides_asks_nobody_and_gives_everything_back(VerdictOutcome outcome, string reason, int records)
    {
        var after = new List<OutcomeStatus>();
        int asked = 0;
        using var fixture = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                asked++;
                return new(request.Approve("ann"));
            }),
            new TestInterceptor("reserves")
            {
                After = (context, ended, _) =>
                {
                    if (context.Template.Tool is not null)
                    {
                        after.Add(ended.Status);
                    }

                    return default;
                },
            },
            AtToolCalls(outcome switch
            {
                VerdictOutcome.Allow => default,
                VerdictOutcome.Escalate => Verdict.Escalate(),
                _ => Verdict.Deny(ReasonCodes.RuleDenied),
            }));
        await using GovernanceSession session = await fixture.OpenAsync(new SessionLimits { MaxToolCalls = 1 });
        var action = new GovernedAction(fixture.Tool, session, ChainFixture.Arguments, callId: "call-1") { IsRehearsal = true };

        GovernedOperation operation = await fixture.Governance.AuthorizeAsync(action);
        Assert.Equal(reason, operation.Decision.Reason.Code);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await operation.CompleteAsync("x", TextCodec.Instance));
        await operation.DisposeAsync();

        Assert.Equal("call-1", action.CallId);
        Assert.Equal(0, asked);
        Assert.Equal(0, session.ToolCalls);
        Assert.Equal([OutcomeStatus.Denied], after);
        Assert.Equal(records, fixture.Records.Count);
    }

    [Fact]
    public async Task A_rehearsal_has_no_effect_to_run()
    {
        using var fixture = new ChainFixture(AtToolCalls(default));
        await using GovernanceSession session = await fixture.OpenAsync();
        bool ran = false;

        await Assert.ThrowsAsync<ArgumentException>(async () => await fixture.Governance.InvokeAsync(
            new GovernedAction(fixture.Tool, session, ChainFixture.Arguments) { IsRehearsal = true },
            0,
            (_, _, _) =>
            {
                ran = true;
                return new ValueTask<string>("x");
            },
            TextCodec.Instance));

        Assert.False(ran);
    }

    [Theory]
    [InlineData(true, "approved")]
    [InlineData(false, "approval_action_mismatch")]
    [Requirement("ADP-110", "ADP-115")]
    public async Task An_answer_that_comes_with_the_action_is_held_to_its_ticket(bool genuine, string reason)
    {
        using var fixture = new ChainFixture(
            builder => builder.AddApprovals((_, _) => throw new InvalidOperationException("The host's broker is not asked.")),
            AtToolCalls(Verdict.Escalate()));
        await using GovernanceSession session = await fixture.OpenAsync();
        var action = new GovernedAction(fixture.Tool, session, ChainFixture.Arguments)
        {
            Approver = new CallbackApprovalBroker((request, _) => new(genuine ? request.Approve("ann") : new ApprovalResponse(true, "forged", "ann"))),
        };

        await using GovernedOperation operation = await fixture.Governance.AuthorizeAsync(action);

        Assert.Equal(reason, operation.Decision.Reason.Code);
        Assert.Equal(genuine, operation.IsAllowed);
    }

    [Fact]
    [Requirement("ADP-118", "ADP-116")]
    public async Task A_person_is_asked_when_an_action_is_rehearsed_and_not_once_more_when_it_is_resumed()
    {
        using var fixture = new ChainFixture(
            options =>
            {
                options.RequirePolicy = false;
                options.MaxApprovalsPerMinute = 1;
            },
            _ => { },
            AtToolCalls(Verdict.Escalate()));
        await using GovernanceSession session = await fixture.OpenAsync();
        var brought = new CallbackApprovalBroker((request, _) => new(request.Approve("ann")));

        Assert.Equal("approval_required", await ReasonOf(new GovernedAction(fixture.Tool, session, ChainFixture.Arguments) { IsRehearsal = true }));
        Assert.Equal("approved", await ReasonOf(new GovernedAction(fixture.Tool, session, ChainFixture.Arguments) { Approver = brought }));
        Assert.Equal("approval_denied", await ReasonOf(new GovernedAction(fixture.Tool, session, ChainFixture.Arguments) { IsRehearsal = true }));

        async Task<string> ReasonOf(GovernedAction action)
        {
            await using GovernedOperation operation = await fixture.Governance.AuthorizeAsync(action);
            return operation.Decision.Reason.Code;
        }
    }

    [Fact]
    [Requirement("ADP-110")]
    public async Task About_the_result_the_hosts_broker_is_asked()
    {
        var asked = new List<string>();
        using var fixture = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                asked.Add("host");
                return new(request.Approve("ann"));
            }),
            new TestInterceptor("both")
            {
                Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? Verdict.Escalate() : default),
                After = (context, outcome, _) => new(context.Point == InterventionPoint.PostToolCall && outcome.Executed ? Verdict.Escalate() : default),
            });
        await using GovernanceSession session = await fixture.OpenAsync();
        var action = new GovernedAction(fixture.Tool, session, ChainFixture.Arguments)
        {
            Approver = new CallbackApprovalBroker((request, _) =>
            {
                asked.Add("caller");
                return new(request.Approve("bob"));
            }),
        };

        GovernedResult<string> result = await fixture.Governance.InvokeAsync(action, 0, static (_, _, _) => new ValueTask<string>("x"), TextCodec.Instance);

        Assert.True(result.IsAllowed);
        Assert.Equal(["caller", "host"], asked);
    }

    [Fact]
    [Requirement("ADP-094", Partial = "signals are told by GovernanceSignals, and a changed tool is a denial with a reason of its own")]
    public async Task A_detected_bypass_is_an_event_of_its_own()
    {
        var seen = new List<GovernanceEventKind>();
        using var fixture = new ChainFixture(builder => builder.AddObserver(new Recorder(seen)), AtToolCalls(default));
        await using GovernanceSession session = await fixture.OpenAsync();
        seen.Clear();

        await using GovernedOperation operation = await fixture.Governance.AuthorizeAsync(
            new GovernedAction(fixture.Tool, session, default, refusal: ReasonCodes.BypassDetected));

        Assert.False(operation.IsAllowed);
        Assert.Equal([GovernanceEventKind.PolicyCheck, GovernanceEventKind.BypassDetected], seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("e30.")]
    [InlineData("e30.AAAA")]
    [InlineData("!!.AAAA")]
    [Requirement("ADP-113")]
    public void Only_a_ticket_that_was_sealed_here_is_genuine(string other)
    {
        var sealer = new ApprovalTicketSealer();
        string ticket = sealer.Seal("a1", Digest.Of([1]), new SessionId("s-1"), DateTimeOffset.UnixEpoch, "n1");

        Assert.True(sealer.IsGenuine(ticket));
        Assert.False(sealer.IsGenuine(other));
        Assert.False(sealer.IsGenuine(ticket + "A"));
        Assert.False(sealer.IsGenuine(ticket[..^2] + (ticket[^2] == 'A' ? "B" : "A") + ticket[^1]));
        Assert.False(new ApprovalTicketSealer().IsGenuine(ticket));
    }

    private static TestInterceptor AtToolCalls(Verdict verdict) =>
        new("says") { Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? verdict : default) };

    private sealed class Recorder(List<GovernanceEventKind> seen) : IGovernanceObserver
    {
        public void OnEvent(in GovernanceEvent governanceEvent) => seen.Add(governanceEvent.Kind);
    }
}
