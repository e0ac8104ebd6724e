using Agt.Audit;
using Agt.Signals;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Agt.Core.Tests;

/// <summary>The whole chain decides, and nothing comes of it.</summary>
public sealed class EvaluateOnlyTests
{
    [Theory]
    [InlineData(VerdictOutcome.Deny, "rule_denied")]
    [InlineData(VerdictOutcome.Escalate, "approval_required")]
    [InlineData(VerdictOutcome.Warn, "rule_denied")]
    [Requirement("ADP-050", "ADP-C19")]
    public async Task What_would_be_decided_is_recorded_and_the_action_runs(VerdictOutcome outcome, string reason)
    {
        var before = new Verdict(outcome, new VerdictDetail(outcome == VerdictOutcome.Escalate ? ReasonCodes.ApprovalRequired : ReasonCodes.RuleDenied) { Rule = "r" });
        Decision enforced = await DecideAsync(GovernanceMode.Enforce);
        Decision evaluated = await DecideAsync(GovernanceMode.EvaluateOnly);

        Assert.Equal((outcome, reason, false), (evaluated.Outcome, evaluated.Reason.Code, evaluated.IsEnforced));
        Assert.True(enforced.IsEnforced);
        if (outcome != VerdictOutcome.Escalate)
        {
            // Where a person is asked, the answer becomes part of the decision.
            Assert.Equal(enforced.Digest, evaluated.Digest);
        }

        async Task<Decision> DecideAsync(GovernanceMode mode)
        {
            using ChainFixture fixture = New(mode, builder => builder.AddApprovals((request, _) => mode == GovernanceMode.Enforce
                ? new(request.Reject("ann"))
                : throw new InvalidOperationException("Nobody is asked.")), AtToolCalls(before));
            GovernedResult<string> result = await fixture.RunAsync();
            Assert.Equal(mode == GovernanceMode.EvaluateOnly || outcome == VerdictOutcome.Warn, result.Executed && result.IsAllowed);
            return fixture.Records[0].Decision!;
        }
    }

    [Fact]
    [Requirement("ADP-050", "ADP-C19")]
    public async Task Transforms_are_recorded_and_change_neither_arguments_nor_result()
    {
        var seen = new List<string>();
        using ChainFixture fixture = New(
            GovernanceMode.EvaluateOnly,
            _ => { },
            new TestInterceptor("redacts", InterceptorStage.Policy)
            {
                Before = (context, _) => new(context.Template.Tool is null ? default : Patching(Patch.Redact(PatchPath.Parse("args.path")))),
                After = (context, _, _) => new(context.Template.Tool is null ? default : Patching(Patch.Set(PatchPath.Parse("output"), GovernedValue.From("changed")))),
            },
            new TestInterceptor("later")
            {
                Before = (context, _) =>
                {
                    seen.Add(CanonicalJson.ToString(context.Payload));
                    return new(context.Template.Tool is null ? default : Patching(Patch.Remove(PatchPath.Parse("args.force"))));
                },
            });
        seen.Clear();

        GovernedResult<string> result = await fixture.RunAsync();

        Assert.Equal("""{"force":true,"path":"/data/a"}""", result.Value);
        Assert.Contains("""{"force":true,"path":"[REDACTED]"}""", seen);
        Assert.True(fixture.Records[0].Decision!.HasPatches);
        Assert.True(fixture.Records[^1].Decision is { HasPatches: true, IsEnforced: false });
        Assert.False(result.Decision.HasPatches);
    }

    [Fact]
    [Requirement("ADP-050", "ADP-C19")]
    public async Task A_result_that_would_be_withheld_is_delivered_and_budgets_are_not_used_by_what_would_be_denied()
    {
        int calls = 0;
        using ChainFixture fixture = New(
            GovernanceMode.EvaluateOnly,
            builder => builder.AddMonitoring(),
            new TestInterceptor("moody")
            {
                Before = (context, _) => new(context.Template.Tool is not null && ++calls == 1 ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
                After = (context, _, _) => new(context.Template.Tool is null ? default : Verdict.Deny(ReasonCodes.RuleDenied)),
            });
        await using GovernanceSession session = await fixture.OpenAsync(new SessionLimits { MaxToolCalls = 1 });

        GovernedResult<string>[] results = [await fixture.RunAsync(session: session), await fixture.RunAsync(session: session), await fixture.RunAsync(session: session)];

        Assert.All(results, result => Assert.True(result is { IsAllowed: true, Executed: true, Value: not null }));
        Assert.Equal(1, session.ToolCalls);
        LoggedRecord[] decisions = [.. fixture.Records.Where(record => !record.IsOutcome)];
        Assert.Equal(["rule_denied", "allowed", "max_tool_calls"], decisions.Select(record => record.Decision!.Reason.Code));
        Assert.All(fixture.Records.Where(record => record.Decision is not null), record => Assert.False(record.Decision!.IsEnforced));
        Assert.Contains(fixture.Records, record => record is { IsOutcome: true, Status: OutcomeStatus.Completed } && record.Decision!.Reason == ReasonCodes.RuleDenied);
        var monitor = fixture.Services.GetRequiredService<Monitoring.GovernanceMonitor>();
        Assert.Equal((4L, 0L, 3L), (monitor.GetStats().TotalAllowed, monitor.GetStats().TotalWarned, monitor.GetStats().TotalViolations));
        Assert.All(monitor.GetViolations(), entry => Assert.False(entry.IsEnforced));
        Assert.Contains(fixture.Logs.GetSnapshot(), log => log.Id.Id == 17 && log.Level == LogLevel.Warning);
        Assert.Contains(fixture.Logs.GetSnapshot(), log => log.Id.Id == 18);
        Assert.DoesNotContain(fixture.Logs.GetSnapshot(), log => log.Message.StartsWith("Denied", StringComparison.Ordinal));
    }

    [Fact]
    [Requirement("ADP-050")]
    public async Task Failures_and_a_missing_policy_hold_nobody_back_either()
    {
        using ChainFixture fixture = New(
            GovernanceMode.EvaluateOnly, builder => builder.UseDecisionLog(new BrokenLog()), new TestInterceptor("throws")
            {
                Before = (_, _) => throw new InvalidOperationException("broken"),
                After = (_, _, _) => throw new InvalidOperationException("broken"),
            });

        Assert.True((await fixture.RunAsync()).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-050", "ADP-062")]
    public async Task What_is_no_verdict_holds_all_the_same()
    {
        using ChainFixture fixture = New(GovernanceMode.EvaluateOnly, _ => { }, AtToolCalls(Verdict.Deny(ReasonCodes.RuleDenied)));
        GovernanceSession closed = await fixture.OpenAsync();
        await closed.DisposeAsync();
        Assert.Equal(ReasonCodes.SessionClosed, (await fixture.RunAsync(session: closed)).Decision.Reason);

        await using GovernanceSession session = await fixture.OpenAsync();
        fixture.Services.GetRequiredService<GovernanceSignals>().Send("SIGKILL", SignalTarget.All);
        bool ran = false;
        GovernedResult<string> killed = await fixture.RunAsync(() => ran = true, session);
        Assert.Equal((ReasonCodes.Killed, false, true), (killed.Decision.Reason, ran, killed.Decision.IsEnforced));
    }

    [Fact]
    public void A_mode_that_there_is_not_is_refused() =>
        Assert.Throws<OptionsValidationException>(() => New((GovernanceMode)7, _ => { }, AtToolCalls(default)));

    private static ChainFixture New(GovernanceMode mode, Action<IGovernanceBuilder> configure, params IInterceptor[] interceptors) => new(
        options =>
        {
            options.Mode = mode;
            options.RequirePolicy = false;
        },
        configure,
        interceptors);

    private static Verdict Patching(Patch patch) => new(VerdictOutcome.Allow, new VerdictDetail(ReasonCodes.Allowed) { Patches = [patch] });

    private static TestInterceptor AtToolCalls(Verdict verdict) =>
        new("at-tools") { Before = (context, _) => new(context.Template.Tool is null ? default : verdict) };

    private sealed class BrokenLog : IDecisionLog
    {
        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken) => throw new IOException("full");

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken) => throw new IOException("full");
    }
}
