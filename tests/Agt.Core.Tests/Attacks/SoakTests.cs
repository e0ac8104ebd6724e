using System.Collections.Concurrent;
using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Attacks;

public sealed class SoakTests
{
    private const int Workers = 64;

    [Fact]
    public async Task Under_64_workers_and_every_kind_of_failure_decisions_effects_outcomes_and_budget_agree()
    {
        var log = new CountingLog();
        int reserved = 0;
        using var chain = new ChainFixture(
            builder => builder.UseDecisionLog(log).AddApprovals(async (request, _) =>
            {
                await Task.Yield();
                return Random.Shared.Next(3) == 0 ? request.Reject("alice") : request.Approve("alice");
            }),
            new TestInterceptor("reserves", InterceptorStage.Reliability)
            {
                Before = (_, _) =>
                {
                    Interlocked.Increment(ref reserved);
                    return default;
                },
                After = (_, _, _) =>
                {
                    Interlocked.Decrement(ref reserved);
                    return default;
                },
            },
            new TestInterceptor("chaos") { Before = Chaos, After = ChaosAfter });
        GovernanceSession session = await chain.OpenAsync();
        int effects = 0;
        int ran = 0;
        int decided = 0;
        int left = 200_000;
        var clock = System.Diagnostics.Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            while (Interlocked.Decrement(ref left) >= 0 && clock.ElapsedMilliseconds < 3_000)
            {
                using CancellationTokenSource? cancel = random.Next(16) == 0 ? new CancellationTokenSource() : null;
                Interlocked.Increment(ref decided);
                string mine = $"{worker}-{random.Next()}";
                ValueArena arena = chain.Governance.RentArena();
                arena.BeginMap();
                arena.Name("mine");
                arena.WriteText(mine);
                arena.Name("dice");
                arena.WriteObject(random.Next(100));
                var action = new GovernedAction(chain.Tool, session, arena.End(), arena, callId: mine);
                int kind = random.Next(20);
                try
                {
                    GovernedResult<string> result = await chain.Governance.InvokeAsync(
                        action,
                        (kind, cancel),
                        async (state, operation, token) =>
                        {
                            Interlocked.Increment(ref effects);
                            Assert.Equal(operation.Action.CallId, Mine(operation.Payload));
                            if (state.kind == 0)
                            {
                                throw new IOException("effect");
                            }

                            if (state.kind == 1)
                            {
                                await Task.Yield();
                                state.cancel?.Cancel();
                                token.ThrowIfCancellationRequested();
                            }

                            return Mine(operation.Payload);
                        },
                        TextCodec.Instance,
                        cancel?.Token ?? default);
                    if (result.Executed)
                    {
                        Interlocked.Increment(ref ran);
                        Assert.True(!result.IsAllowed || result.Value == mine);
                    }
                }
                catch (IOException)
                {
                    Interlocked.Increment(ref ran);
                }
                catch (OperationCanceledException)
                {
                    // Before the effect or within it: the log knows which.
                }
            }
        })));
        Assert.Equal(decided + 1, log.Decisions);
        Assert.Equal(log.Decisions, log.Ids.Count);
        Assert.Equal(effects + 1, log.Allowed);
        Assert.Equal(effects, log.Outcomes);
        Assert.Equal(effects, session.ToolCalls);
        Assert.InRange(ran, 1, effects);
        await session.DisposeAsync();
        Assert.Equal(0, Volatile.Read(ref reserved));

        static string Mine(GovernedValue payload) => payload.TryGetMember("mine", out GovernedValue value) ? value.AsString()! : string.Empty;
    }

    private static long Dice(OperationContext context) =>
        context.Payload.TryGetMember("dice", out GovernedValue dice) && dice.TryGetInt64(out long value) ? value : 99;

    private static ValueTask<Verdict> Chaos(OperationContext context, CancellationToken token) => Dice(context) switch
    {
        < 5 => throw new InvalidOperationException("chaos"),
        < 10 => new(Verdict.Deny(ReasonCodes.RuleDenied)),
        < 15 => new(Verdict.Escalate()),
        < 25 => Yielding(default),
        < 28 => Yielding(Verdict.Escalate()),
        < 32 => new(Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.extra"), GovernedValue.From("x")))),
        < 35 => new(new Verdict((VerdictOutcome)77, null)),
        _ => default,
    };

    private static ValueTask<Verdict> ChaosAfter(OperationContext context, Outcome outcome, CancellationToken token) => Dice(context) switch
    {
        40 => throw new InvalidOperationException("chaos"),
        41 => new(Verdict.Deny(ReasonCodes.RuleDenied)),
        42 or 43 => Yielding(default),
        _ => default,
    };

    private static async ValueTask<Verdict> Yielding(Verdict verdict)
    {
        await Task.Yield();
        return verdict;
    }

    private sealed class CountingLog : IDecisionLog
    {
        private int _decisions;
        private int _allowed;
        private int _outcomes;

        public int Decisions => _decisions;

        public int Allowed => _allowed;

        public int Outcomes => _outcomes;

        public ConcurrentDictionary<DecisionId, bool> Ids { get; } = new();

        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
        {
            Ids.TryAdd(record.Id, true);
            Interlocked.Increment(ref _decisions);
            if (record.Decision.IsAllowed)
            {
                Interlocked.Increment(ref _allowed);
            }

            return default;
        }

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _outcomes);
            return default;
        }
    }
}
