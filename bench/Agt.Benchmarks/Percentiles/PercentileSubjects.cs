using Agt.Benchmarks.Chain;
using Agt.Benchmarks.ExtensionsAI;
using Agt.Benchmarks.Policy;
using Agt.Benchmarks.SemanticKernel;

namespace Agt.Benchmarks.Percentiles;

/// <summary>Everything the percentile runner can time.</summary>
internal static class PercentileSubjects
{
    internal static IEnumerable<PercentileSubject> All() =>
        [.. StepSubjects.All(), .. ChainSubjects.All(), .. PolicySubjects.All(), .. FunctionSubjects.All(), .. KernelSubjects.All()];
}
