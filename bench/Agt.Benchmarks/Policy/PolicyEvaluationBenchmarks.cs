using BenchmarkDotNet.Attributes;

namespace Agt.Benchmarks.Policy;

/// <summary>Deciding an action of a known kind.</summary>
[MemoryDiagnoser]
[MedianColumn]
[Config(typeof(PercentileColumns))]
public class PolicyEvaluationBenchmarks
{
    private PolicyCase _case = null!;

    [Params(PolicyShape.LiteralTool, PolicyShape.WildcardTool, PolicyShape.ThreeTerms, PolicyShape.ArgumentsOnly, PolicyShape.ArgumentText)]
    public PolicyShape Shape { get; set; }

    [Params(1, 10, 100, 1_000, 10_000)]
    public int Rules { get; set; }

    [Params(PolicyHit.First, PolicyHit.Last, PolicyHit.None)]
    public PolicyHit Hit { get; set; }

    [GlobalSetup]
    public void Setup() => _case = PolicyCase.Of(Shape, Rules, Hit);

    [Benchmark]
    public Verdict Decide() => _case.Decide();
}
