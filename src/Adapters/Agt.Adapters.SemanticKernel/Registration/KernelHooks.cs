using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel;

/// <summary>Whether the hooks of governance are still where they were put. Host code, and code that a tool runs, can edit the lists of a kernel at any time.</summary>
internal static class KernelHooks
{
    /// <summary>Whether the first filter of each list is one of this governance.</summary>
    internal static bool AreInstalled(Kernel kernel, IGovernance governance) =>
        IsFirst(kernel.FunctionInvocationFilters, governance) && IsFirst(kernel.AutoFunctionInvocationFilters, governance) && IsFirst(kernel.PromptRenderFilters, governance);

    /// <summary>Whether a call of a model still comes to this governance, wherever in the lists it stands.</summary>
    internal static bool ArePresent(Kernel kernel, IGovernance governance) =>
        kernel.FunctionInvocationFilters.Any(filter => IsOf(filter, governance)) && kernel.AutoFunctionInvocationFilters.Any(filter => IsOf(filter, governance));

    private static bool IsFirst<T>(IList<T> filters, IGovernance governance) =>
        filters.Count > 0 && IsOf(filters[0], governance);

    private static bool IsOf<T>(T filter, IGovernance governance) => filter is GovernanceFilter known && ReferenceEquals(known.Governor.Governance, governance);
}
