using System.Diagnostics;
using Agt.Audit;
using Agt.Benchmarks.Percentiles;
using Agt.Values;

namespace Agt.Benchmarks.Chain;

/// <summary>Steps of a round that can be taken alone, for the budget in <c>bench/README.md</c>.</summary>
internal static class StepSubjects
{
    internal static IEnumerable<PercentileSubject> All()
    {
        var host = new ChainHost(1);
        GovernedValue payload = host.Capture(out ValueArena _);
        var log = new InMemoryDecisionLog(1_024);
        var action = new GovernedAction(host.Tool, host.Session, payload);
        ValueTask<GovernedOperation> authorizing = host.Governance.AuthorizeAsync(action);
        Decision decision = authorizing.Result.Decision;
        var decided = new DecisionRecord(new DecisionId(1), DateTimeOffset.UnixEpoch, action, decision, payload, null);
        var ended = new OutcomeRecord(new DecisionId(1), DateTimeOffset.UnixEpoch, action, OutcomeStatus.Completed, decision);
        yield return new PercentileSubject("step: nothing (a delegate call)", static () => { });
        yield return new PercentileSubject("step: one clock read", static () => Stopwatch.GetTimestamp());
        yield return new PercentileSubject("step: make the action", () => Keep(new GovernedAction(host.Tool, host.Session, payload)));
        yield return new PercentileSubject("step: record a decision", () => _ = log.AppendAsync(in decided, default).IsCompletedSuccessfully);
        yield return new PercentileSubject("step: record an outcome", () => _ = log.AppendAsync(in ended, default).IsCompletedSuccessfully);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Keep(GovernedAction action) => _ = action;
}
