using Agt.Adapters.SemanticKernel.Chat;
using Agt.Adapters.SemanticKernel.Streaming;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>One direct call on its way through the chain: the state of its effect.</summary>
internal readonly record struct FunctionCall(
    FunctionInvocationContext Context, Func<FunctionInvocationContext, Task> Next, FunctionPlan Plan, Dictionary<string, Type>? Types, SemanticKernelGovernor Governor)
{
    internal static readonly GovernedEffect<FunctionCall, FunctionResult> Effect = static (call, operation, cancellationToken) => call.Run(operation.Payload, cancellationToken);

    private ValueTask<FunctionResult> Run(GovernedValue payload, CancellationToken cancellationToken)
    {
        if (Plan.IsPrompt)
        {
            // All rounds of one prompt are one turn. A governed service below makes a turn of its own; a chat client does not, and shows the filters another history in every round.
            Governor.Turn = new ModelTurn();
        }

        ArgumentsUndo? undo = FrozenArguments.Restore(Context.Arguments, payload, Plan, Types);
        if (undo is not null || Context.IsStreaming)
        {
            return RunSlowAsync(undo, cancellationToken);
        }

        Task running = Next(Context);
        return running.IsCompletedSuccessfully ? new ValueTask<FunctionResult>(Context.Result) : AwaitAsync(running);
    }

    private async ValueTask<FunctionResult> AwaitAsync(Task running)
    {
        await running.ConfigureAwait(false);
        return Context.Result;
    }

    private async ValueTask<FunctionResult> RunSlowAsync(ArgumentsUndo? undo, CancellationToken cancellationToken)
    {
        try
        {
            await Next(Context).ConfigureAwait(false);
            return Context.IsStreaming ? await StreamedResult.ReadAsync(Context.Result, Governor.Options, cancellationToken).ConfigureAwait(false) : Context.Result;
        }
        finally
        {
            undo?.Revert();
        }
    }
}
