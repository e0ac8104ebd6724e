using Agt.Values;
using BenchmarkDotNet.Attributes;

namespace Agt.Benchmarks.Chain;

/// <summary>The chain without policy: decide, record, complete, record. The 72 bytes of the action itself are its adapter's and are counted here.</summary>
[MemoryDiagnoser]
public class ChainBenchmarks
{
    private ChainHost _host = null!;
    private GovernedValue _payload;

    [Params(1, 8)]
    public int Interceptors { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _host = new ChainHost(Interceptors);
        _payload = _host.Capture(out _);
    }

    [Benchmark]
    public void Round() => _host.Round(new GovernedAction(_host.Tool, _host.Session, _payload));

    [Benchmark]
    public void Capture()
    {
        _host.Capture(out ValueArena arena);
        arena.Release();
    }
}
