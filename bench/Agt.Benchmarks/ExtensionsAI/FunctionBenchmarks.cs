using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace Agt.Benchmarks.ExtensionsAI;

/// <summary>A governed function against the same function behind a wrapper that does nothing, and against capture and chain without the adapter: the rest is the adapter's own share.</summary>
[MemoryDiagnoser]
public class FunctionBenchmarks
{
    private FunctionHost _host = null!;
    private AIFunction _governed = null!;
    private AIFunction _delegated = null!;

    [GlobalSetup]
    public void Setup()
    {
        _host = new FunctionHost();
        _governed = _host.Governed;
        _delegated = _host.Delegated;
    }

    [Benchmark(Baseline = true)]
    public object? Delegated()
    {
        using GovernanceScope.Scope scope = _host.Enter();
        return _host.Call(_delegated);
    }

    [Benchmark]
    public object? CaptureAndChain()
    {
        using GovernanceScope.Scope scope = _host.Enter();
        return _host.Baseline();
    }

    [Benchmark]
    public object? Governed()
    {
        using GovernanceScope.Scope scope = _host.Enter();
        return _host.Call(_governed);
    }
}
