using Agt.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

public sealed class CancellationTests
{
    [Fact]
    [Requirement("ADP-099")]
    public async Task Cancelled_before_it_began_nothing_runs_and_it_is_recorded()
    {
        bool asked = false;
        bool ran = false;
        using var chain = new ChainFixture(new TestInterceptor("x")
        {
            Before = ChainTests.OnTool(_ =>
            {
                asked = true;
                return default;
            }),
        });
        GovernanceSession session = await chain.OpenAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => chain.RunAsync(() => ran = true, session, new CancellationToken(true)));

        Assert.False(asked);
        Assert.False(ran);
        LoggedRecord record = Assert.Single(chain.Records);
        Assert.Equal(ReasonCodes.Cancelled, record.Decision!.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-099")]
    public async Task Cancelled_while_deciding_nothing_runs_the_budget_is_returned_and_those_asked_are_told(bool interceptorWaits)
    {
        using var source = new CancellationTokenSource();
        bool ran = false;
        OutcomeStatus? told = null;
        using var chain = new ChainFixture(
            new TestInterceptor("first")
            {
                After = (_, outcome, _) =>
                {
                    told = outcome.Status;
                    return default;
                },
            },
            new TestInterceptor("second")
            {
                Before = async (context, token) =>
                {
                    if (context.Point == InterventionPoint.PreToolCall)
                    {
                        await source.CancelAsync();
                        if (interceptorWaits)
                        {
                            await Task.Delay(Timeout.Infinite, token);
                        }
                    }

                    return default;
                },
            });
        GovernanceSession session = await chain.OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chain.RunAsync(() => ran = true, session, source.Token));

        Assert.False(ran);
        Assert.Equal(OutcomeStatus.Denied, told);
        Assert.Equal(0, session.ToolCalls);
        Assert.Equal(ReasonCodes.Cancelled, Assert.Single(chain.Records).Decision!.Reason);
    }

    [Fact]
    [Requirement("ADP-099", "ADP-066")]
    public async Task Cancelled_while_the_effect_runs_it_is_recorded_as_cancelled_and_keeps_its_unit()
    {
        using var source = new CancellationTokenSource();
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await chain.Governance.InvokeAsync(
            chain.Call(session),
            source,
            static async (cancel, _, token) =>
            {
                await cancel.CancelAsync();
                token.ThrowIfCancellationRequested();
                return "never";
            },
            TextCodec.Instance,
            source.Token));

        Assert.Equal(OutcomeStatus.Cancelled, chain.Records[^1].Status);
        Assert.Equal(1, session.ToolCalls);
    }

    [Fact]
    [Requirement("ADP-099")]
    public async Task Cancelled_after_the_effect_the_after_phase_still_runs_with_a_live_token()
    {
        using var source = new CancellationTokenSource();
        bool alive = false;
        using var chain = new ChainFixture(new TestInterceptor("x")
        {
            After = (context, _, token) =>
            {
                alive = context.Point != InterventionPoint.PostToolCall || !token.IsCancellationRequested;
                return default;
            },
        });
        GovernanceSession session = await chain.OpenAsync();

        GovernedResult<string> result = await chain.RunAsync(source.Cancel, session, source.Token);

        Assert.True(alive);
        Assert.True(result.IsAllowed);
    }

    [Fact]
    [Requirement("ADP-099")]
    public async Task Cancelled_while_a_person_is_asked_nothing_runs()
    {
        using var source = new CancellationTokenSource();
        bool ran = false;
        using var chain = new ChainFixture(
            builder => builder.AddApprovals(async (_, token) =>
            {
                await source.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
                throw new InvalidOperationException("unreachable");
            }),
            new TestInterceptor("x") { Before = ChainTests.OnTool(_ => Verdict.Escalate()) });
        GovernanceSession session = await chain.OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => chain.RunAsync(() => ran = true, session, source.Token));

        Assert.False(ran);
        Assert.Equal(0, session.ToolCalls);
    }
}
