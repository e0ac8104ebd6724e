using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>
/// A tool call that the auto filter has already decided on, on its way to the function filter of the same call. Used once, and only for the same tool: whatever
/// invokes it first runs with the arguments that were decided on.
/// </summary>
internal sealed class AutoCall(FunctionPlan plan, GovernedValue payload, Dictionary<string, Type>? types)
{
    private int _used;

    internal bool TryUse(KernelFunction function, FunctionPlan candidate) =>
        (ReferenceEquals(candidate.Template, plan.Template) || FunctionPlan.IdOf(function) == plan.Template.Tool?.Name) && Interlocked.Exchange(ref _used, 1) == 0;

    internal ArgumentsUndo? Restore(KernelArguments arguments) => FrozenArguments.Restore(arguments, payload, plan, types);
}
