using Agt.Benchmarks.Percentiles;
using BenchmarkDotNet.Running;

if (args is ["percentiles", .. string[] names])
{
    return PercentileRunner.Run(names);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
