using Agt.Benchmarks.Chain;
using Agt.Benchmarks.SemanticKernel;

namespace Agt.Benchmarks.Percentiles;

/// <summary>Everything the percentile runner can time.</summary>
internal static class PercentileSubjects
{
    internal static IEnumerable<PercentileSubject> All() => [.. ChainSubjects.All(), .. KernelSubjects.All()];
}
