using Agt;
using Agt.Adapters.SemanticKernel;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;

namespace Microsoft.SemanticKernel;

/// <summary>Governs kernels that exist already.</summary>
public static class SemanticKernelGovernanceExtensions
{
    /// <summary>
    /// Governs every function call, every tool call of a model and every rendered prompt of a kernel. The filters are put before all others; clones of the kernel keep them.
    /// </summary>
    /// <remarks>
    /// Calling it again with the same governance only puts the filters first again; the options of the first call stay. Configure a kernel before it is used: its filter lists are not thread-safe.
    /// </remarks>
    /// <param name="kernel">The kernel.</param>
    /// <param name="governance">Decides.</param>
    /// <param name="configure">Sets options, for example who acts.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="InvalidOperationException">An option is out of range.</exception>
    public static Kernel AddGovernance(this Kernel kernel, IGovernance governance, Action<SemanticKernelGovernanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(governance);
        GovernanceFilter? filter = kernel.FunctionInvocationFilters.OfType<GovernanceFilter>().FirstOrDefault(known => ReferenceEquals(known.Governor.Governance, governance));
        if (filter is null)
        {
            var options = new SemanticKernelGovernanceOptions();
            configure?.Invoke(options);
            filter = new SemanticKernelGovernor(governance, options).Filter;
        }

        PutFirst(kernel.FunctionInvocationFilters, filter);
        PutFirst(kernel.AutoFunctionInvocationFilters, filter);
        PutFirst(kernel.PromptRenderFilters, filter);
        return kernel;
    }

    /// <summary>
    /// Tells whether a kernel is governed as it stands now: the filters, their order, and the services. Call it once the kernel is configured; host code can change all of it later.
    /// </summary>
    /// <param name="kernel">The kernel.</param>
    /// <returns>What is governed, and every gap with its fix.</returns>
    public static KernelGovernanceReport VerifyGoverned(this Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return KernelInspector.Inspect(kernel);
    }

    /// <summary>
    /// A function of this kernel as a tool for clients of Microsoft.Extensions.AI, governed. A <see cref="KernelFunction"/> is such a tool by itself, but run without its kernel it passes by every filter;
    /// what this gives runs on this kernel alone, and not at all once the kernel is no longer governed. A denial is the tool's result.
    /// </summary>
    /// <param name="kernel">The kernel, governed by <see cref="AddGovernance"/>.</param>
    /// <param name="function">The function.</param>
    /// <exception cref="InvalidOperationException">The kernel is not governed, or other filters come first.</exception>
    public static Microsoft.Extensions.AI.AIFunction Govern(this Kernel kernel, KernelFunction function)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(function);
        return kernel.FunctionInvocationFilters is [GovernanceFilter filter, ..] && KernelHooks.AreInstalled(kernel, filter.Governor.Governance)
            ? new GovernedKernelFunction(kernel, function, filter.Governor.Governance)
            : throw new InvalidOperationException("Govern: the kernel is not governed. Call kernel.AddGovernance(governance) first, after the other filters are added.");
    }

    /// <summary>
    /// The digest of what a function is: name, description, schemas and method (spec 08, ADP-080). Register it with <c>AddToolHashes</c>, and the function no longer runs once any of that has changed.
    /// </summary>
    /// <remarks>The text of a prompt and what an object remembers are not part of it.</remarks>
    /// <param name="function">The function, as the kernel has it.</param>
    /// <returns>The digest; empty if the function's schema is too large to be read.</returns>
    public static Digest GetContentHash(this KernelFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return FunctionContent.HashOf(function, FunctionPlan.IdOf(function));
    }

    private static void PutFirst<T>(IList<T> filters, T filter)
    {
        filters.Remove(filter);
        filters.Insert(0, filter);
    }
}
