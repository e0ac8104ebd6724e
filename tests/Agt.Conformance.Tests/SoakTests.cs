using Agt.Audit;
using Agt.Conformance.Tests.Real;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance.Tests;

/// <summary>100,000 calls over both adapters, at once, with cancellations, exceptions, broken streams and batches: what was decided, what ran and what was recorded agree exactly.</summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    private const int Calls = 50_000;
    private const int Workers = 8;

    [Theory]
    [Requirement("ADP-209", "ADP-229", "ADP-C56")]
    [InlineData("SemanticKernel")]
    [InlineData("ExtensionsAI")]
    public async Task Decisions_effects_and_records_agree_exactly(string adapter)
    {
        var log = new CountingLog();
        var services = new ServiceCollection();
        int asked = 0;
        int denied = 0;
        services.AddGovernance(options =>
        {
            options.RequirePolicy = false;
            options.SessionLimits = SessionLimits.Unlimited;
        }).AddInterceptor(new TestInterceptor("moody")
        {
            Before = (context, _) =>
            {
                if (context.Point != InterventionPoint.PreToolCall)
                {
                    return default;
                }

                if (Interlocked.Increment(ref asked) % 7 != 0)
                {
                    return default;
                }

                Interlocked.Increment(ref denied);
                return new(Verdict.Deny(ReasonCodes.RuleDenied));
            },
        }).UseDecisionLog(log);
        await using ServiceProvider provider = services.BuildServiceProvider();
        int ran = 0;
        int failed = 0;
        int cancelled = 0;
        long memory = 0;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            IAdapterFixture fixture = adapter == "SemanticKernel" ? new SemanticKernelFixture() : new ExtensionsAIFixture();
            var probes = new ConformanceProbes();
            foreach (ProbeTool tool in probes.Tools)
            {
                tool.Forgets = true;
                tool.Respond = call =>
                {
                    Interlocked.Increment(ref ran);
                    switch (random.Next(10))
                    {
                        case 0:
                            Interlocked.Increment(ref failed);
                            throw new InvalidOperationException("boom");
                        case 1:
                            Interlocked.Increment(ref cancelled);
                            throw new OperationCanceledException();
                        default:
                            return ValueTask.FromResult("ok");
                    }
                };
            }

            probes.Model.Forgets = true;
            await fixture.StartAsync(new ConformanceSetup(provider, provider.GetRequiredService<IGovernance>(), probes, false), CancellationToken.None);
            await using GovernanceSession session = await provider.GetRequiredService<IGovernance>().OpenSessionAsync(fixture.Principal);
            using (GovernanceScope.Enter(session))
            {
                for (int done = 0; done < Calls / Workers;)
                {
                    if (worker == 0 && done > Calls / Workers / 2 && memory == 0)
                    {
                        memory = GC.GetTotalMemory(forceFullCollection: true);
                    }

                    done += await StepAsync(fixture, probes, random);
                }
            }

            await fixture.DisposeAsync();
        })));

        // Every call was decided on once; what was allowed ran once and has one outcome; what was denied did not run.
        Assert.Equal(asked, log.ToolDecisions);
        Assert.Equal(asked - denied, ran);
        Assert.Equal(ran, log.ToolOutcomes);
        Assert.Equal(denied, log.ToolDenials);
        Assert.Equal(failed, log.Failed);
        Assert.Equal(cancelled, log.Cancelled);
        Assert.Equal(log.Decisions - log.Denials, log.Outcomes);
        Assert.InRange(asked, Calls, Calls * 2);
        long grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Assert.True(grown < 8_000_000, $"{grown} bytes more after the second half of the calls.");
    }

    /// <summary>A direct call, one that is cancelled beforehand, a batch of three in a turn, or a stream that breaks.</summary>
    private static async Task<int> StepAsync(IAdapterFixture fixture, ConformanceProbes probes, Random random)
    {
        switch (random.Next(20))
        {
            case 0:
                probes.Model.Calls([.. probes.Tools.Select((tool, i) => new ModelCall("c-" + i, fixture.SpellingsOf(tool.Name)[0], "{}"))]);
                probes.Model.Says("done");
                await fixture.RunTurnAsync(new TurnDrive("Please."), CancellationToken.None);
                probes.Model.Clear();
                return 3;
            case 1:
                probes.Model.Says("one two three four five six");
                probes.Model.StreamError = random.Next(2) == 0 ? new InvalidTimeZoneException("upstream") : null;
                try
                {
                    int pieces = random.Next(1, 9);
                    await foreach (string piece in fixture.StreamTurnAsync(new TurnDrive("Please."), CancellationToken.None))
                    {
                        if (--pieces == 0)
                        {
                            break;
                        }
                    }
                }
                catch (InvalidTimeZoneException)
                {
                    // The stream broke, as it should.
                }

                probes.Model.StreamError = null;
                probes.Model.Clear();
                return 0;
            case 2:
                using (var before = new CancellationTokenSource())
                {
                    await before.CancelAsync();
                    await fixture.CallToolAsync(new ToolDrive("probe_read", "{}"), before.Token);
                }

                return 0;
            default:
                await fixture.CallToolAsync(new ToolDrive("probe_read", """{"path":"/a","count":3}"""), CancellationToken.None);
                return 1;
        }
    }

    private sealed class CountingLog : IDecisionLog
    {
        private int _decisions;
        private int _denials;
        private int _outcomes;
        private int _toolDecisions;
        private int _toolDenials;
        private int _toolOutcomes;
        private int _failed;
        private int _cancelled;

        internal int Decisions => _decisions;

        internal int Denials => _denials;

        internal int Outcomes => _outcomes;

        internal int ToolDecisions => _toolDecisions;

        internal int ToolDenials => _toolDenials;

        internal int ToolOutcomes => _toolOutcomes;

        internal int Failed => _failed;

        internal int Cancelled => _cancelled;

        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken)
        {
            // Who gave up beforehand is refused before any interceptor is asked.
            bool isTool = record.Action.Template.Point == InterventionPoint.PreToolCall && record.Decision.Reason != ReasonCodes.Cancelled;
            Interlocked.Increment(ref _decisions);
            Interlocked.Add(ref _denials, record.Decision.IsAllowed ? 0 : 1);
            Interlocked.Add(ref _toolDecisions, isTool ? 1 : 0);
            Interlocked.Add(ref _toolDenials, isTool && !record.Decision.IsAllowed ? 1 : 0);
            return default;
        }

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken)
        {
            bool isTool = record.Action.Template.Point == InterventionPoint.PreToolCall;
            Interlocked.Increment(ref _outcomes);
            Interlocked.Add(ref _toolOutcomes, isTool ? 1 : 0);
            Interlocked.Add(ref _failed, isTool && record.Status == OutcomeStatus.Failed ? 1 : 0);
            Interlocked.Add(ref _cancelled, isTool && record.Status == OutcomeStatus.Cancelled ? 1 : 0);
            return default;
        }
    }
}
