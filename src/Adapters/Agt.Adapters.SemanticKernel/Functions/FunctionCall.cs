using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>One direct call on its way through the chain: the state of its effect.</summary>
internal readonly record struct FunctionCall(
    FunctionInvocationContext Context, Func<FunctionInvocationContext, Task> Next, FunctionPlan Plan, Dictionary<string, Type>? Types)
{
    internal static readonly GovernedEffect<FunctionCall, FunctionResult> Effect = static (call, operation, _) => call.Run(operation.Payload);

    private ValueTask<FunctionResult> Run(GovernedValue payload)
    {
        ArgumentsUndo? undo = FrozenArguments.Restore(Context.Arguments, payload, Plan, Types);
        if (undo is not null)
        {
            return RunSlowAsync(undo);
        }

        Task running = Next(Context);
        return running.IsCompletedSuccessfully ? new ValueTask<FunctionResult>(Context.Result) : AwaitAsync(running);
    }

    private async ValueTask<FunctionResult> AwaitAsync(Task running)
    {
        await running.ConfigureAwait(false);
        return Context.Result;
    }

    private async ValueTask<FunctionResult> RunSlowAsync(ArgumentsUndo? undo)
    {
        try
        {
            await Next(Context).ConfigureAwait(false);
            return Context.Result;
        }
        finally
        {
            undo?.Revert();
        }
    }
}
