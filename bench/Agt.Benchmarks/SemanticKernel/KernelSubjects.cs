using Agt.Benchmarks.Percentiles;
using Agt.Values;

namespace Agt.Benchmarks.SemanticKernel;

internal static class KernelSubjects
{
    internal static IEnumerable<PercentileSubject> All()
    {
        var host = new KernelHost();
        host.EnterSession();
        yield return new PercentileSubject("sk: no-op filter", () => host.Call(host.Plain));
        yield return new PercentileSubject("sk: governed", () => host.Call(host.Governed));
        yield return new PercentileSubject("sk: capture + invoke alone", () => CaptureAndChain(host));
    }

    /// <summary>What any adapter does at the least: freeze, and one round of the chain around an effect that does nothing.</summary>
    internal static string CaptureAndChain(KernelHost host)
    {
        GovernedValue payload = host.Chain.Capture(out ValueArena arena);
        ValueTask<GovernedResult<string>> round = host.Chain.Governance.InvokeAsync(
            new GovernedAction(host.Chain.Tool, host.Chain.Session, payload, arena),
            host,
            static (_, _, _) => new ValueTask<string>("done"),
            DoneCodec.Instance);
        return round.IsCompletedSuccessfully ? round.Result.Value! : throw new InvalidOperationException("The round waited for something.");
    }

    private sealed class DoneCodec : ResultCodec
    {
        internal static DoneCodec Instance { get; } = new();

        public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.From((string?)result);

        public override object? Replace(object? original, GovernedValue value) => value.AsString();
    }
}
