using Agt.Benchmarks.Chain;
using Microsoft.SemanticKernel;

namespace Agt.Benchmarks.SemanticKernel;

/// <summary>Two kernels with the same function of six parameters: one with a filter that does nothing, one governed; and an open session around the calls.</summary>
internal sealed class KernelHost
{
    private readonly KernelFunction _function = KernelFunctionFactory.CreateFromMethod(
        (string order, double amount, string currency, bool express, int items, string note) => "done", "Refund");

    internal KernelHost(int interceptors = 1)
    {
        Chain = new ChainHost(interceptors);
        Plain = new Kernel();
        Plain.FunctionInvocationFilters.Add(new SilentFilter());
        Governed = new Kernel().AddGovernance(Chain.Governance, options => options.Agent = ChainHost.Agent.Agent);
        Function = KernelPluginFactory.CreateFromFunctions("Orders", [_function])["Refund"];
    }

    internal ChainHost Chain { get; }

    internal Kernel Plain { get; }

    internal Kernel Governed { get; }

    internal KernelFunction Function { get; }

    internal KernelArguments Arguments { get; } = new(ChainHost.Arguments);

    /// <summary>Makes the session ambient for the calling thread, as a host does around a turn.</summary>
    internal void EnterSession() => GovernanceScope.Enter(Chain.Session);

    internal FunctionResult Call(Kernel kernel)
    {
        Task<FunctionResult> call = Function.InvokeAsync(kernel, Arguments);
        return call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waited for something.");
    }

    private sealed class SilentFilter : IFunctionInvocationFilter
    {
        public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next) => next(context);
    }
}
