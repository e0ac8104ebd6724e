using Agt.Values;
using BenchmarkDotNet.Attributes;

namespace Agt.Benchmarks.Chain;

/// <summary>The whole chain with a policy: decide by it, hand the decision to the log, complete, hand the outcome to the log. The 80 bytes are the action, which its adapter makes.</summary>
[MemoryDiagnoser]
public class PolicyChainBenchmarks
{
    private ChainHost _host = null!;
    private GovernedValue _payload;

    [Params(1, 1_000, 10_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _host = ChainSubjects.WithPolicy(Rules);
        _payload = _host.Capture(out _);
    }

    [Benchmark]
    public void Round() => _host.Round(new GovernedAction(_host.Tool, _host.Session, _payload));
}
