using Agt.Policy.Acs;
using Agt.Values;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Acs;

public sealed class AcsApprovalTests
{
    private const string Manifest = """
        agent_control_specification_version: 0.3.1-beta
        policies: { p: { type: test } }
        intervention_points: { input: { policy_target: $.input, policy: { id: p } } }

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Requirement("POL-424")]
    public async Task An_approval_of_what_is_about_to_run_allows_it()
    {
        AcsResult result = await ResolveAsync(escalated => new AcsApproval(AcsApprovalOutcome.Allow, escalated.EnforcedIdentity) { Reason = "seen" });
        Assert.Equal(AcsDecision.Allow, result.Verdict.Decision);
        Assert.Equal("seen", result.Verdict.Reason);
        Assert.NotNull(result.EnforcedIdentity);
        AcsResult suspended = await ResolveAsync(escalated => new AcsApproval(AcsApprovalOutcome.Suspend, escalated.EnforcedIdentity));
        Assert.True(suspended.IsSuspended);
        Assert.False(suspended.Verdict.Permits);
        AcsResult denied = await ResolveAsync(_ => new AcsApproval(AcsApprovalOutcome.Deny));
        Assert.Equal((AcsDecision.Deny, "large"), (denied.Verdict.Decision, denied.Verdict.Reason));
    }

    [Theory]
    [InlineData(AcsApprovalOutcome.Allow, null)]
    [InlineData(AcsApprovalOutcome.Allow, "sha256:00")]
    [InlineData(AcsApprovalOutcome.Suspend, null)]
    [InlineData(AcsApprovalOutcome.Suspend, "sha256:00")]
    [Requirement("POL-424")]
    public async Task An_approval_of_something_else_does_not_count(AcsApprovalOutcome outcome, string? identity) =>
        Assert.Equal(AcsReasons.ApprovalActionMismatch, (await ResolveAsync(_ => new AcsApproval(outcome, identity))).Verdict.Reason);

    [Fact]
    [Requirement("POL-424")]
    public async Task What_changed_meanwhile_was_not_approved()
    {
        AcsResult result = await ResolveAsync(escalated => new AcsApproval(AcsApprovalOutcome.Allow, escalated.EnforcedIdentity), """{"input":5001}""");
        Assert.Equal(AcsReasons.ApprovalActionMismatch, result.Verdict.Reason);
        Assert.Null(result.EnforcedIdentity);
        AcsResult around = await ResolveAsync(escalated => new AcsApproval(AcsApprovalOutcome.Allow, escalated.EnforcedIdentity), """{"input":5000,"actor":"eve"}""");
        Assert.Equal(AcsReasons.ApprovalActionMismatch, around.Verdict.Reason);
    }

    [Fact]
    [Requirement("POL-424")]
    public async Task A_resolver_that_fails_or_talks_nonsense_denies()
    {
        Assert.Equal(AcsReasons.ApprovalResolverFailed, (await ResolveAsync(_ => throw new InvalidOperationException())).Verdict.Reason);
        Assert.Equal(AcsReasons.ApprovalResolverFailed, (await ResolveAsync(_ => null!)).Verdict.Reason);
        Assert.Equal(AcsReasons.ApprovalResolverFailed, (await ResolveAsync(escalated => new AcsApproval((AcsApprovalOutcome)7, escalated.EnforcedIdentity))).Verdict.Reason);
        Assert.Equal(
            AcsReasons.ApprovalResolverFailed,
            (await ResolveAsync(escalated => new AcsApproval(AcsApprovalOutcome.Allow, escalated.EnforcedIdentity) { Reason = AcsReasons.ToolUnknown })).Verdict.Reason);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("approval: { timeout_seconds: 300, on_timeout: deny }", false)]
    [InlineData("approval: { timeout_seconds: 300, on_timeout: allow }", false)]
    [InlineData("approval: { timeout_seconds: 300, on_timeout: suspend }", true)]
    [Requirement("POL-423")]
    [Requirement("POL-424")]
    public async Task Time_never_approves(string section, bool suspends)
    {
        var clock = new FakeTimeProvider();
        AcsRuntime runtime = Escalating(Manifest + section, clock);
        GovernedValue snapshot = AcsCorpus.Value("""{"input":5000}""");
        AcsResult escalated = await runtime.EvaluateAsync(InterventionPoint.Input, snapshot, AcsMode.Enforce, Token);
        ValueTask<AcsResult> waiting = runtime.ResolveAsync(escalated, () => snapshot, new Resolver(async _ =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, CancellationToken.None);
            return new AcsApproval(AcsApprovalOutcome.Allow);
        }), Token);
        clock.Advance(TimeSpan.FromSeconds(300));
        AcsResult result = await waiting;
        Assert.Equal(suspends, result.IsSuspended);
        Assert.False(result.Verdict.Permits);
        Assert.Equal(suspends ? "large" : AcsReasons.ApprovalResolverFailed, result.Verdict.Reason);
    }

    [Fact]
    [Requirement("POL-424")]
    public async Task Nobody_is_asked_about_a_denial_and_without_a_resolver_an_escalation_is_one()
    {
        GovernedValue snapshot = AcsCorpus.Value("""{"input":5000}""");
        var asked = new Resolver(_ => throw new InvalidOperationException("asked"));
        AcsRuntime denying = new AcsStub { Policy = _ => AcsCorpus.Value("""{"decision":"deny","reason":"no"}""") }.Runtime(Manifest);
        AcsResult denied = await denying.EvaluateAsync(InterventionPoint.Input, snapshot, AcsMode.Enforce, Token);
        Assert.Same(denied, await denying.ResolveAsync(denied, () => snapshot, asked, Token));
        AcsRuntime runtime = Escalating(Manifest, TimeProvider.System);
        AcsResult escalated = await runtime.EvaluateAsync(InterventionPoint.Input, snapshot, AcsMode.Enforce, Token);
        Assert.Equal(AcsReasons.ApprovalResolverMissing, (await runtime.ResolveAsync(escalated, () => snapshot, null, Token)).Verdict.Reason);
        AcsResult evaluated = await runtime.EvaluateAsync(InterventionPoint.Input, snapshot, AcsMode.EvaluateOnly, Token);
        Assert.Same(evaluated, await runtime.ResolveAsync(evaluated, () => snapshot, asked, Token));
    }

    private static async Task<AcsResult> ResolveAsync(Func<AcsResult, AcsApproval> answer, string now = """{"input":5000}""")
    {
        AcsRuntime runtime = Escalating(Manifest, TimeProvider.System);
        AcsResult escalated = await runtime.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":5000}"""), AcsMode.Enforce, Token);
        return await runtime.ResolveAsync(escalated, () => AcsCorpus.Value(now), new Resolver(one => Task.FromResult(answer(one))), Token);
    }

    private static AcsRuntime Escalating(string manifest, TimeProvider clock) =>
        new AcsStub { Policy = _ => AcsCorpus.Value("""{"decision":"escalate","reason":"large"}""") }.Runtime(AcsManifestLoader.LoadText(manifest).GetManifest(), clock: clock);

    private sealed class Resolver(Func<AcsResult, Task<AcsApproval>> answer) : IAcsApprovalResolver
    {
        public async ValueTask<AcsApproval> ResolveAsync(AcsResult escalated, CancellationToken cancellationToken) => await answer(escalated);
    }
}
