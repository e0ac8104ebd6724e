namespace Agt.Core.Tests.Attacks;

public sealed class HandleAttacks
{
    [Fact]
    public async Task An_operation_disposed_while_it_completes_is_reused_only_when_it_has_completed()
    {
        var gate = new TaskCompletionSource();
        string? seenLate = null;
        using var chain = new ChainFixture(new TestInterceptor("slow")
        {
            After = async (context, _, _) =>
            {
                if (context.Action.CallId == "call-1" && seenLate is null)
                {
                    seenLate = string.Empty;
                    await gate.Task;
                    seenLate = context.Action.CallId;
                }

                return default;
            },
        });
        GovernanceSession session = await chain.OpenAsync();
        GovernedOperation first = await chain.Governance.AuthorizeAsync(chain.Call(session));
        ValueTask<GovernedResult<string>> completing = first.CompleteAsync("done", TextCodec.Instance);

        await first.DisposeAsync();
        await using GovernedOperation second = await chain.Governance.AuthorizeAsync(new GovernedAction(chain.Tool, session, ChainFixture.Arguments, callId: "call-2"));
        gate.SetResult();

        Assert.Equal("done", (await completing).Value);
        Assert.Equal("call-1", seenLate);
        Assert.Equal("call-2", second.Action.CallId);
        Assert.Equal(OutcomeStatus.Completed, Assert.Single(chain.Records, record => record.IsOutcome).Status);
    }

    [Fact]
    public async Task Of_many_who_settle_one_operation_at_once_exactly_one_succeeds_and_none_reaches_the_next_action()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();
        using var start = new Barrier(4);
        GovernedOperation shared = default;
        int settled = 0;
        const int Rounds = 2_000;
        Task[] attackers = [.. Enumerable.Range(0, 4).Select(who => Task.Factory.StartNew(
            async () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    if (who == 0)
                    {
                        shared = await chain.Governance.AuthorizeAsync(chain.Call(session));
                    }

                    Assert.True(start.SignalAndWait(TimeSpan.FromSeconds(10)));
                    try
                    {
                        if (who == 3)
                        {
                            await shared.DisposeAsync();
                        }
                        else
                        {
                            await shared.CompleteAsync("x", TextCodec.Instance);
                            Interlocked.Increment(ref settled);
                        }
                    }
                    catch (InvalidOperationException)
                    {
                        // Already settled, or already disposed: what those who lost the race are told.
                    }

                    Assert.True(start.SignalAndWait(TimeSpan.FromSeconds(10)));
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap())];
        await Task.WhenAll(attackers);

        var outcomes = chain.Records.Where(record => record.IsOutcome).ToList();
        Assert.Equal(Rounds, outcomes.Select(record => record.DecisionId).Distinct().Count());
        Assert.Equal(Rounds, outcomes.Count);
        Assert.Equal(settled, outcomes.Count(record => record.Status == OutcomeStatus.Completed));
    }

    [Fact]
    public async Task A_copy_of_a_handle_is_dead_once_any_copy_was_disposed_and_disposing_twice_does_nothing()
    {
        using var chain = new ChainFixture(new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();
        GovernedOperation one = await chain.Governance.AuthorizeAsync(chain.Call(session));
        GovernedOperation copy = one;
        await one.DisposeAsync();
        await using GovernedOperation next = await chain.Governance.AuthorizeAsync(chain.Call(session));

        await copy.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => copy.IsAllowed);
        Assert.Throws<ObjectDisposedException>(() => copy.Payload);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await copy.CompleteAsync("x", TextCodec.Instance));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await copy.FailAsync(new InvalidOperationException()));
        Assert.True(next.IsAllowed);
    }
}
