using Agt.Benchmarks.Percentiles;
using Agt.Values;

namespace Agt.Benchmarks.Chain;

internal static class ChainSubjects
{
    internal static IEnumerable<PercentileSubject> All()
    {
        var eight = new ChainHost(8);
        var one = new ChainHost(1);
        yield return new PercentileSubject("chain: 1 silent interceptor", Rounds(one));
        yield return new PercentileSubject("chain: 8 silent interceptors", Rounds(eight));
        yield return new PercentileSubject("capture: 6 members", () =>
        {
            one.Capture(out ValueArena arena);
            arena.Release();
        });
        yield return new PercentileSubject("capture + action + chain", () =>
        {
            GovernedValue payload = one.Capture(out ValueArena arena);
            one.Round(new GovernedAction(one.Tool, one.Session, payload, arena));
        });
    }

    private static Action Rounds(ChainHost host)
    {
        GovernedValue payload = host.Capture(out _);
        return () => host.Round(new GovernedAction(host.Tool, host.Session, payload));
    }
}
