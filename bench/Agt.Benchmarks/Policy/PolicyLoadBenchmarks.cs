using Agt.Policy;
using BenchmarkDotNet.Attributes;

namespace Agt.Benchmarks.Policy;

/// <summary>From text to a set in force.</summary>
[MemoryDiagnoser]
[Config(typeof(PercentileColumns))]
public class PolicyLoadBenchmarks
{
    private string _yaml = null!;
    private IReadOnlyList<PolicyDocument> _documents = null!;

    [Params(1_000, 10_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _yaml = PolicyCases.Yaml(PolicyShape.ThreeTerms, Rules);
        _documents = PolicyLoader.LoadText(_yaml, "bench", PolicyCases.Large).GetDocuments();
    }

    [Benchmark]
    public int Load() => PolicyLoader.LoadText(_yaml, "bench", PolicyCases.Large).GetDocuments().Count;

    [Benchmark]
    public CompiledPolicySet Compile() => PolicySet.Compile(_documents);
}
