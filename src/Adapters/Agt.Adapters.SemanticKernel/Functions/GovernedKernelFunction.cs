using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>
/// A function of a kernel as a tool of Microsoft.Extensions.AI that runs on its governed kernel, whatever kernel the caller has or has not (spec 08, ADP-211). A denial is the tool's result, since who
/// runs such tools hides what they throw. Thread-safe if the kernel's filters are left alone.
/// </summary>
internal sealed class GovernedKernelFunction : DelegatingAIFunction
{
    private readonly Kernel _kernel;
    private readonly KernelFunction _function;
    private readonly IGovernance _governance;

    internal GovernedKernelFunction(Kernel kernel, KernelFunction function, IGovernance governance)
        : base(function)
    {
        _kernel = kernel;
        _function = function;
        _governance = governance;
    }

    /// <summary>Nothing that runs without governance comes out.</summary>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (!KernelHooks.AreInstalled(_kernel, _governance))
        {
            throw new InvalidOperationException("The kernel of this function is governed no longer, so it does not run. Call kernel.AddGovernance(governance) again, after the other filters are added.");
        }

        // What the caller brings of its own, such as another kernel, does not replace that of the function.
        var own = new KernelArguments();
        foreach (KeyValuePair<string, object?> argument in arguments)
        {
            own[argument.Key] = argument.Value;
        }

        try
        {
            FunctionResult result = await _function.InvokeAsync(_kernel, own, cancellationToken).ConfigureAwait(false);
            return result.GetValue<object>();
        }
        catch (GovernanceDeniedException denied)
        {
            return denied.Message;
        }
    }
}
