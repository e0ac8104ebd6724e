using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Attacks;

public sealed class ReuseAttacks
{
    private int _shutdowns;

    [Fact]
    public async Task Those_told_of_a_cancelled_action_can_still_give_back_what_they_reserved()
    {
        using var source = new CancellationTokenSource();
        bool? alive = null;
        using var chain = new ChainFixture(
            new TestInterceptor("reserves") { After = (_, _, token) => { alive = !token.IsCancellationRequested; return default; } },
            new TestInterceptor("cancels") { Before = ChainTests.OnTool(_ => { source.Cancel(); return default; }) });
        GovernanceSession session = await chain.OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chain.RunAsync(session: session, cancellationToken: source.Token));

        Assert.True(alive);
    }

    [Fact]
    public async Task A_callback_left_on_the_token_does_not_fire_for_a_later_action()
    {
        int fired = 0;
        using var source = new CancellationTokenSource();
        int calls = 0;
        using var chain = new ChainFixture(new TestInterceptor("leaves")
        {
            Before = (context, token) =>
            {
                if (context.Point == InterventionPoint.PreToolCall)
                {
                    if (++calls == 1)
                    {
                        token.Register(() => fired++);
                    }
                    else
                    {
                        source.Cancel();
                    }
                }

                return default;
            },
        });
        GovernanceSession session = await chain.OpenAsync();

        await chain.RunAsync(session: session);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chain.RunAsync(session: session, cancellationToken: source.Token));

        Assert.Equal(0, fired);
    }

    [Fact]
    public async Task A_late_interceptor_never_reads_another_payload()
    {
        var gate = new TaskCompletionSource();
        var read = new TaskCompletionSource<string>();
        using var chain = new ChainFixture(new TestInterceptor("late")
        {
            Before = async (context, _) =>
            {
                if (context.Point == InterventionPoint.PreToolCall && !gate.Task.IsCompleted)
                {
                    GovernedValue payload = context.Payload;
                    await gate.Task;
                    read.SetResult(CanonicalJson.ToString(payload));
                }

                return default;
            },
        });
        GovernanceSession session = await chain.OpenAsync();
        Task<GovernedResult<string>> late = Run("secret-1");
        while (!late.IsCompleted)
        {
            chain.Time.Advance(TimeSpan.FromSeconds(6));
            await Task.Yield();
        }

        Assert.Equal(ReasonCodes.InterceptorTimeout, (await late).Decision.Reason);
        gate.SetResult();
        Assert.Equal("""{"v":"secret-1"}""", await read.Task);

        async Task<GovernedResult<string>> Run(string text)
        {
            ValueArena arena = chain.Governance.RentArena();
            arena.BeginMap();
            arena.Name("v");
            arena.WriteText(text);
            return await chain.Governance.InvokeAsync(
                new GovernedAction(chain.Tool, session, arena.End(), arena), 0, static (_, _, _) => new ValueTask<string>("x"), TextCodec.Instance);
        }
    }

    [Fact]
    public async Task A_second_policy_cannot_change_arguments_behind_the_first()
    {
        using var chain = new ChainFixture(
            new TestInterceptor("first", InterceptorStage.Policy)
            {
                Before = ChainTests.OnTool(context => CanonicalJson.ToString(context.Payload).Contains("/etc", StringComparison.Ordinal) ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
            },
            new TestInterceptor("second", InterceptorStage.Policy)
            {
                Before = ChainTests.OnTool(_ => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/etc/passwd")))),
            });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.False(result.Executed);
        Assert.Equal(ReasonCodes.RuleDenied, result.Decision.Reason);
    }

    [Fact]
    public async Task What_was_reserved_in_a_pass_that_is_repeated_is_given_back()
    {
        int reserved = 0;
        using var chain = new ChainFixture(
            new TestInterceptor("slots", InterceptorStage.Reliability)
            {
                Before = ChainTests.OnTool(_ => { reserved++; return default; }),
                After = (context, _, _) => { reserved -= context.Point is InterventionPoint.PreToolCall or InterventionPoint.PostToolCall ? 1 : 0; return default; },
            },
            new TestInterceptor("late") { Before = ChainTests.OnTool(_ => ChainTests.Redaction("args.path")) });

        GovernedResult<string> result = await chain.RunAsync();

        Assert.True(result.IsAllowed);
        Assert.Equal(0, reserved);
    }

    [Fact]
    public async Task A_result_that_changes_while_a_person_thinks_is_withheld()
    {
        var list = new List<string> { "fine" };
        using var chain = new ChainFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                list.Add("secret");
                return new(request.Approve("alice"));
            }),
            new TestInterceptor("post") { After = (context, _, _) => new(context.Point == InterventionPoint.PostToolCall ? Verdict.Escalate() : default) });
        GovernanceSession session = await chain.OpenAsync();

        GovernedResult<List<string>> result = await chain.Governance.InvokeAsync(
            chain.Call(session), list, static (given, _, _) => new ValueTask<List<string>>(given), new ListCodec());

        Assert.False(result.IsAllowed);
        Assert.Null(result.Value);
        Assert.Equal(ReasonCodes.ApprovalActionMismatch, result.Decision.Reason);
    }

    [Fact]
    public async Task A_session_ended_during_its_own_startup_leaves_no_operation_open()
    {
        GovernanceSession? seen = null;
        using var chain = new ChainFixture(new TestInterceptor("x")
        {
            Before = async (context, _) =>
            {
                if (context.Point == InterventionPoint.AgentStartup)
                {
                    seen = context.Session;
                    await context.Session.DisposeAsync();
                }

                return default;
            },
            After = (context, _, _) =>
            {
                _shutdowns += context.Point == InterventionPoint.AgentShutdown ? 1 : 0;
                return default;
            },
        });

        GovernanceSession session = await chain.OpenAsync();

        Assert.True(session.IsClosed);
        Assert.Same(session, seen);
        Assert.Equal(1, _shutdowns);
    }

    private sealed class ListCodec : ResultCodec
    {
        public override GovernedValue Capture(object? result, ValueArena arena)
        {
            arena.BeginList();
            foreach (string text in (List<string>)result!)
            {
                arena.WriteText(text);
            }

            return arena.End();
        }

        public override object? Replace(object? original, GovernedValue value) => throw new NotSupportedException();
    }
}
