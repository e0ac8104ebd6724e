using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agt.Core.Tests;

public sealed class ChainTests
{
    [Fact]
    [Requirement("ADP-040")]
    public async Task Interceptors_run_by_stage_then_registration_and_after_in_reverse()
    {
        var order = new List<string>();
        using var chain = new ChainFixture(
            Tracing("content-1", InterceptorStage.Content), Tracing("identity", InterceptorStage.Identity),
            Tracing("content-2", InterceptorStage.Content), Tracing("containment", InterceptorStage.Containment));

        GovernanceSession session = await chain.OpenAsync();
        order.Clear();
        await chain.RunAsync(session: session);

        Assert.Equal(
            ["+containment", "+identity", "+content-1", "+content-2", "-content-2", "-content-1", "-identity", "-containment"], order);

        TestInterceptor Tracing(string name, InterceptorStage stage) => new(name, stage)
        {
            Before = (_, _) =>
            {
                order.Add("+" + name);
                return default;
            },
            After = (_, _, _) =>
            {
                order.Add("-" + name);
                return default;
            },
        };
    }

    [Fact]
    [Requirement("ADP-041", "ADP-045")]
    public async Task The_first_deny_ends_the_before_phase_and_those_before_it_are_told_that_nothing_ran()
    {
        var told = new List<string>();
        bool asked = false;
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                asked = true;
                return new(request.Approve("eve"));
            }),
            new TestInterceptor("a") { Before = (_, _) => new(Redaction("args.path")), After = Tell("a") },
            new TestInterceptor("b") { Before = (_, _) => new(Verdict.Escalate()), After = Tell("b") },
            new TestInterceptor("c") { Before = (c, _) => new(Denies(c)), After = Tell("c") },
            new TestInterceptor("d") { Before = (_, _) => throw new InvalidOperationException("never reached"), After = Tell("d") });

        // Start-up passes through the same chain; only the tool call is denied.
        GovernedResult<string> result = await Invoke(chain);

        Assert.False(result.IsAllowed);
        Assert.False(result.Executed);
        Assert.Equal("contoso:no", result.Decision.Reason.Code);
        Assert.Equal(["b:False", "a:False"], told);
        Assert.False(asked);

        Verdict Denies(OperationContext context) => Verdict.Deny(new ReasonCode("contoso:no", DenialCategory.RuleDenied, "No."));

        Func<OperationContext, Outcome, CancellationToken, ValueTask<Verdict>> Tell(string name) => (_, outcome, _) =>
        {
            told.Add(name + ":" + outcome.Executed);
            return default;
        };
    }

    [Fact]
    [Requirement("ADP-043")]
    [Requirement("ADP-X02")]
    public async Task A_transform_is_the_next_interceptors_input_and_the_effect_gets_the_last_one()
    {
        string? seen = null;
        using var chain = new ChainFixture(
            Says("first", InterceptorStage.Identity, Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/safe")))),
            new TestInterceptor("second", InterceptorStage.Policy)
            {
                Before = (context, _) =>
                {
                    if (context.Point == InterventionPoint.PreToolCall)
                    {
                        context.Payload.TryGetMember("path", out GovernedValue path);
                        seen = path.AsString();
                    }

                    return default;
                },
            });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.Equal("/safe", seen);
        Assert.Equal("""{"force":true,"path":"/safe"}""", result.Value);
        Assert.Equal("first", Assert.Single(result.Decision.Contributions).Interceptor);
    }

    [Fact]
    [Requirement("ADP-044")]
    public async Task A_transform_after_policy_runs_the_chain_again_from_policy_and_a_second_change_denies()
    {
        int policyRuns = 0;
        int counter = 0;
        TestInterceptor policy = new("policy", InterceptorStage.Policy)
        {
            Before = (context, _) =>
            {
                policyRuns += context.Point == InterventionPoint.PreToolCall ? 1 : 0;
                return default;
            },
        };
        using (var settles = new ChainFixture(policy, new TestInterceptor("late") { Before = OnTool(_ => Redaction("args.path")) }))
        {
            GovernedResult<string> result = await settles.RunAsync();
            Assert.True(result.IsAllowed);
            Assert.Equal(2, policyRuns);
            Assert.Equal("""{"force":true,"path":"[REDACTED]"}""", result.Value);
        }

        using var unstable = new ChainFixture(policy, new TestInterceptor("late")
        {
            Before = OnTool(_ => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.n"), GovernedValue.From((long)++counter)))),
        });
        GovernedResult<string> denied = await unstable.RunAsync();
        Assert.Equal(ReasonCodes.TransformUnstable, denied.Decision.Reason);
        Assert.False(denied.Executed);
    }

    [Fact]
    [Requirement("ADP-046")]
    [Requirement("ADP-X02")]
    public async Task An_interceptor_that_throws_is_a_deny_with_a_fixed_public_text()
    {
        using var chain = new ChainFixture(new TestInterceptor("bad") { Before = OnTool(_ => throw new InvalidOperationException("secret path /etc")) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.Equal(ReasonCodes.InterceptorFailed, result.Decision.Reason);
        Assert.False(result.Executed);
        Assert.DoesNotContain("secret", new GovernanceDeniedException(result.Decision, result.DecisionId).Message, StringComparison.Ordinal);
        Assert.Contains(chain.Logs.GetSnapshot(), record => record.Id.Id == 2);
    }

    [Fact]
    [Requirement("ADP-046")]
    public async Task An_interceptor_that_hangs_is_a_deny_when_the_time_is_over_and_is_told_to_stop()
    {
        var stopped = new TaskCompletionSource();
        using var chain = new ChainFixture(new TestInterceptor("slow")
        {
            Before = async (context, token) =>
            {
                if (context.Point == InterventionPoint.PreToolCall)
                {
                    token.Register(stopped.SetResult);
                    await new TaskCompletionSource().Task;
                }

                return default;
            },
        });

        Task<GovernedResult<string>> run = chain.RunAsync();
        Assert.False(run.IsCompleted);
        chain.Time.Advance(TimeSpan.FromSeconds(6));
        GovernedResult<string> result = await run;

        Assert.Equal(ReasonCodes.InterceptorTimeout, result.Decision.Reason);
        Assert.False(result.Executed);
        await stopped.Task;
    }

    [Fact]
    [Requirement("ADP-046")]
    public async Task A_verdict_that_comes_late_without_waiting_is_a_deny_too()
    {
        ChainFixture? chain = null;
        using (chain = new ChainFixture(new TestInterceptor("busy")
        {
            Before = OnTool(_ =>
            {
                chain!.Time.Advance(TimeSpan.FromSeconds(6));
                return Verdict.Allow;
            }),
        }))
        {
            GovernedResult<string> result = await chain.RunAsync();
            Assert.Equal(ReasonCodes.InterceptorTimeout, result.Decision.Reason);
        }
    }

    [Theory]
    [InlineData((byte)200)]
    [InlineData((byte)VerdictOutcome.Deny)]
    [InlineData((byte)VerdictOutcome.Escalate)]
    [Requirement("ADP-046")]
    public async Task A_verdict_that_makes_no_sense_is_a_deny(byte outcome)
    {
        using var chain = new ChainFixture(new TestInterceptor("odd") { Before = OnTool(_ => new Verdict((VerdictOutcome)outcome, null)) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.Equal(ReasonCodes.InterceptorInvalidVerdict, result.Decision.Reason);
    }

    [Fact]
    public async Task An_interceptor_may_fail_open_only_where_the_host_says_so_and_it_is_recorded()
    {
        TestInterceptor bad = new("scanner") { Before = OnTool(_ => throw new InvalidOperationException()) };
        using var chain = new ChainFixture(
            options =>
            {
                options.RequirePolicy = false;
                options.FailOpenInterceptors.Add("scanner");
            },
            _ => { },
            bad);

        GovernedResult<string> result = await chain.RunAsync();

        Assert.Equal(VerdictOutcome.Warn, chain.Records[0].Decision!.Outcome);
        Assert.Equal(ReasonCodes.InterceptorFailed, chain.Records[0].Decision!.Reason);
        Assert.True(result.Executed);
    }

    [Theory]
    [InlineData(InterceptorStage.Containment)]
    [InlineData(InterceptorStage.Identity)]
    [InlineData(InterceptorStage.Policy)]
    public void Containment_identity_and_policy_never_fail_open(InterceptorStage stage)
    {
        Assert.Throws<InvalidOperationException>(() => new ChainFixture(
            options =>
            {
                options.RequirePolicy = false;
                options.FailOpenInterceptors.Add("x");
            },
            _ => { },
            new TestInterceptor("x", stage)));
    }

    [Fact]
    [Requirement("POL-093")]
    public async Task Without_a_policy_nothing_is_allowed()
    {
        using var chain = new ChainFixture(_ => { }, _ => { }, new TestInterceptor("x"));

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await chain.OpenAsync());

        Assert.Equal(ReasonCodes.PolicyMissing, denied.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-042")]
    public void A_chain_of_nothing_is_refused_when_it_is_built() =>
        Assert.Contains("nothing would be governed", Assert.Throws<InvalidOperationException>(() => new ChainFixture()).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_out_of_range_are_refused_with_every_reason()
    {
        OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => new ChainFixture(
            options =>
            {
                options.EvaluationTimeout = TimeSpan.Zero;
                options.MaxNesting = 0;
            },
            _ => { },
            new TestInterceptor("x")));

        Assert.Equal(2, refused.Failures.Count());
    }

    [Fact]
    [Requirement("ADP-053")]
    public async Task Eight_silent_interceptors_allocate_nothing()
    {
        using var chain = new ChainFixture([.. Enumerable.Range(0, 8).Select(i => new TestInterceptor("n" + i))]);
        GovernanceSession session = await chain.OpenAsync();
        for (int i = 0; i < 2_000; i++)
        {
            await Round();
        }

        // The action itself belongs to the adapter; it is made beforehand here.
        GovernedAction[] actions = [.. Enumerable.Range(0, 1_000).Select(_ => chain.Call(session))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (GovernedAction action in actions)
        {
            await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(action);
            await operation.CompleteAsync("done", TextCodec.Instance);
        }

        long perCall = (GC.GetAllocatedBytesForCurrentThread() - before) / actions.Length;
        Assert.Equal(0, perCall);

        async Task Round()
        {
            await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(chain.Call(session));
            await operation.CompleteAsync("done", TextCodec.Instance);
        }
    }

    [Fact]
    public async Task A_result_is_frozen_only_if_somebody_looks_at_it()
    {
        var codec = new TextCodec();
        using var chain = new ChainFixture(new TestInterceptor("blind"));
        GovernanceSession session = await chain.OpenAsync();
        await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(chain.Call(session));

        await operation.CompleteAsync("text", codec);

        Assert.Equal(0, codec.Captures);
    }

    [Fact]
    [Requirement("ADP-051")]
    public async Task A_result_can_be_rewritten_or_withheld_after_the_action()
    {
        using var rewriting = new ChainFixture(new TestInterceptor("r") { After = (c, _, _) => new(c.Point == InterventionPoint.PostToolCall ? Redaction("output") : default) });
        GovernedResult<string> rewritten = await rewriting.RunAsync();
        Assert.Equal("[REDACTED]", rewritten.Value);

        using var withholding = new ChainFixture(new TestInterceptor("w") { After = (_, _, _) => new(Verdict.Deny(ReasonCodes.RuleDenied)) });
        GovernedResult<string> withheld = await withholding.RunAsync();
        Assert.True(withheld.Executed);
        Assert.False(withheld.IsAllowed);
        Assert.Null(withheld.Value);
        Assert.Equal(OutcomeStatus.Completed, withholding.Records[^1].Status);
    }

    [Fact]
    public async Task A_failing_after_phase_withholds_the_result_and_the_others_are_still_told()
    {
        bool told = false;
        using var chain = new ChainFixture(
            new TestInterceptor("first")
            {
                After = (_, outcome, _) =>
                {
                    told |= outcome.Executed;
                    return default;
                },
            },
            new TestInterceptor("second") { After = (_, _, _) => throw new InvalidOperationException() });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.Equal(ReasonCodes.InterceptorFailed, result.Decision.Reason);
        Assert.Null(result.Value);
        Assert.True(told);
    }

    [Fact]
    public async Task What_the_effect_throws_passes_through_and_is_recorded()
    {
        OutcomeStatus? seen = null;
        using var chain = new ChainFixture(new TestInterceptor("x")
        {
            After = (_, outcome, _) =>
            {
                seen = outcome.Status;
                return default;
            },
        });

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => chain.RunAsync(onEffect: () => throw new TimeZoneNotFoundException()));

        Assert.Equal(OutcomeStatus.Failed, seen);
        Assert.Equal(OutcomeStatus.Failed, chain.Records[^1].Status);
    }

    [Fact]
    [Requirement("ADP-049")]
    public async Task An_operation_disposed_while_open_is_abandoned_and_a_settled_one_cannot_be_settled_again()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();
        GovernedOperation operation = await chain.Governance.AuthorizeAsync(chain.Call(session));
        await operation.DisposeAsync();
        await operation.DisposeAsync();

        Assert.Equal(OutcomeStatus.Abandoned, chain.Records[^1].Status);
        Assert.Throws<ObjectDisposedException>(() => operation.Decision);

        await using GovernedOperation second = await chain.Governance.AuthorizeAsync(chain.Call(session));
        await second.CompleteAsync("a", TextCodec.Instance);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await second.CompleteAsync("b", TextCodec.Instance));
    }

    [Fact]
    public async Task A_denied_operation_cannot_complete()
    {
        using var chain = new ChainFixture(new TestInterceptor("x") { Before = OnTool(_ => Verdict.Deny(ReasonCodes.RuleDenied)) });
        GovernanceSession session = await chain.OpenAsync();
        await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(chain.Call(session));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await operation.CompleteAsync("x", TextCodec.Instance));
    }

    [Fact]
    public async Task An_action_is_authorized_once()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernedAction action = chain.Call(await chain.OpenAsync());
        await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(action);

        await Assert.ThrowsAsync<ArgumentException>(async () => await chain.Governance.AuthorizeAsync(action));
    }

    internal static Func<OperationContext, CancellationToken, ValueTask<Verdict>> OnTool(Func<OperationContext, Verdict> verdict) =>
        (context, _) => new(context.Point == InterventionPoint.PreToolCall ? verdict(context) : default);

    internal static Verdict Redaction(string path) => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Redact(PatchPath.Parse(path)));

    private static TestInterceptor Says(string name, InterceptorStage stage, Verdict verdict) => new(name, stage) { Before = OnTool(_ => verdict) };

    private static async Task<GovernedResult<string>> Invoke(ChainFixture chain)
    {
        GovernanceSession session = await OpenQuietly(chain);
        return await chain.RunAsync(session: session);
    }

    private static async Task<GovernanceSession> OpenQuietly(ChainFixture chain)
    {
        // These interceptors judge everything; a session made by hand skips start-up.
        await Task.CompletedTask;
        return new GovernanceSession(new SessionId("s-1"), ChainFixture.Agent, SessionLimits.Unlimited, null, null, chain.Time.GetTimestamp(), [], null);
    }
}
