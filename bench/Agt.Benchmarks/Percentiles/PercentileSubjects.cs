using Agt.Benchmarks.Chain;
using Agt.Benchmarks.ExtensionsAI;

namespace Agt.Benchmarks.Percentiles;

/// <summary>Everything the percentile runner can time.</summary>
internal static class PercentileSubjects
{
    internal static IEnumerable<PercentileSubject> All() => [.. ChainSubjects.All(), .. FunctionSubjects.All()];
}
