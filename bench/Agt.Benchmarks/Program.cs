using Agt.Benchmarks.Percentiles;
using BenchmarkDotNet.Running;

if (args is ["percentiles", .. string[] names])
{
    return PercentileRunner.Run(names);
}

if (args is ["scaling"])
{
    return ScalingRunner.Run();
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
