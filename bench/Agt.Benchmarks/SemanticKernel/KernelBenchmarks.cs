using BenchmarkDotNet.Attributes;
using Microsoft.SemanticKernel;

namespace Agt.Benchmarks.SemanticKernel;

/// <summary>
/// A direct function call through a governed kernel, against the same call through a filter that does nothing. What the adapter itself costs is the difference, less
/// the chain's own round with capture (<see cref="CaptureAndChain"/>).
/// </summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private KernelHost _host = null!;

    [GlobalSetup]
    public void Setup()
    {
        _host = new KernelHost();
        _host.EnterSession();
    }

    [Benchmark(Baseline = true)]
    public FunctionResult NoOpFilter() => _host.Call(_host.Plain);

    [Benchmark]
    public FunctionResult Governed() => _host.Call(_host.Governed);

    [Benchmark]
    public string CaptureAndChain() => KernelSubjects.CaptureAndChain(_host);
}
