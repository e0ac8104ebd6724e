using Agt.Benchmarks.Percentiles;

namespace Agt.Benchmarks.ExtensionsAI;

internal static class FunctionSubjects
{
    internal static IEnumerable<PercentileSubject> All()
    {
        var host = new FunctionHost();
        yield return new PercentileSubject("extensions-ai: delegated function", InScope(host, () => host.Call(host.Delegated)));
        yield return new PercentileSubject("extensions-ai: chain round", InScope(host, () => host.Round()));
        yield return new PercentileSubject("extensions-ai: capture + chain round", InScope(host, () => host.Baseline()));
        yield return new PercentileSubject("extensions-ai: governed function", InScope(host, () => host.Call(host.Governed)));
    }

    private static Action InScope(FunctionHost host, Action call) => () =>
    {
        using GovernanceScope.Scope scope = host.Enter();
        call();
    };
}
