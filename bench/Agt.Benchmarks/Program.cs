using Agt.Benchmarks.Audit;
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

if (args is ["audit", .. string[] options])
{
    return await AuditRunner.RunAsync(options);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
