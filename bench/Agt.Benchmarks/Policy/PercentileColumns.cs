using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;

namespace Agt.Benchmarks.Policy;

/// <summary>Adds percentiles to the table.</summary>
public sealed class PercentileColumns : ManualConfig
{
    public PercentileColumns() => AddColumn(StatisticColumn.P50, StatisticColumn.P95);
}
