using Agt.Adapters.SemanticKernel.Functions;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel;

/// <summary>
/// Semantic Kernel's hooks. A tool call of a model passes two of them: the auto filter decides, since only there a denial can become the call's result,
/// and the function filter lets that one call through with the arguments that were decided on. Thread-safe.
/// </summary>
internal sealed class GovernanceFilter(SemanticKernelGovernor governor) : IFunctionInvocationFilter, IAutoFunctionInvocationFilter, IPromptRenderFilter
{
    internal SemanticKernelGovernor Governor => governor;

    public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
    {
        FunctionPlan plan = governor.PlanFor(context.Function);
        if (governor.AutoCall is { } decided && decided.TryUse(context.Function, plan))
        {
            return RunDecidedAsync(decided, context, next);
        }

        ValueTask<SessionLease> acquiring = governor.Governance.AcquireSessionAsync(governor.Principal, context.CancellationToken);
        if (!acquiring.IsCompletedSuccessfully)
        {
            return RunRootAsync(acquiring, plan, context, next);
        }

        SessionLease lease = acquiring.Result;
        return lease.IsOwned ? RunRootAsync(new ValueTask<SessionLease>(lease), plan, context, next) : RunAsync(lease.Session, plan, context, next);
    }

    public async Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
    {
        governor.TurnOf(context.ChatHistory).See(context.ToolCallId, FunctionPlan.IdOf(context.Function));
        try
        {
            SessionLease lease = await governor.Governance.AcquireSessionAsync(governor.Principal, context.CancellationToken).ConfigureAwait(false);
            await using (lease.ConfigureAwait(false))
            {
                if (!lease.IsOwned)
                {
                    await RunAutoAsync(lease.Session, context, next).ConfigureAwait(false);
                    return;
                }

                using (GovernanceScope.Enter(lease.Session))
                {
                    await RunAutoAsync(lease.Session, context, next).ConfigureAwait(false);
                }
            }
        }
        catch (GovernanceDeniedException denied)
        {
            // A denial further in, or of the session: its text is public, and the framework would wrap it in words of its own.
            Deny(context, denied.Message);
        }
    }

    /// <summary>Decides on a rendered prompt, unless the service that is to get it is governed itself: then that decides, once, on the whole request.</summary>
    public async Task OnPromptRenderAsync(PromptRenderContext context, Func<PromptRenderContext, Task> next)
    {
        await next(context).ConfigureAwait(false);
        if (context.Result is not null || governor.Services.AreAllGoverned(context.Kernel))
        {
            return;
        }

        (string? prompt, GovernanceDeniedException? denied) = await governor.ModelCalls.RenderAsync(context.RenderedPrompt, context.CancellationToken).ConfigureAwait(false);
        if (denied is null)
        {
            context.RenderedPrompt = prompt;
        }
        else if (context.IsStreaming)
        {
            throw denied;
        }
        else
        {
            // Without a result the kernel would send an empty prompt.
            context.Result = new FunctionResult(context.Function, denied.Message, context.Kernel.Culture);
        }
    }

    private static async Task RunDecidedAsync(AutoCall decided, FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
    {
        ArgumentsUndo? undo = decided.Restore(context.Arguments);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            undo?.Revert();
        }
    }

    private async Task RunRootAsync(ValueTask<SessionLease> acquiring, FunctionPlan plan, FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
    {
        SessionLease lease = await acquiring.ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            using (GovernanceScope.Enter(lease.Session))
            {
                await RunAsync(lease.Session, plan, context, next).ConfigureAwait(false);
            }
        }
    }

    private Task RunAsync(GovernanceSession session, FunctionPlan plan, FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
    {
        GovernedAction action = governor.Action(plan, context.Arguments, session, null, out Dictionary<string, Type>? types);
        ValueTask<GovernedResult<FunctionResult>> round = governor.Governance.InvokeAsync(
            action, new FunctionCall(context, next, plan, types, governor), FunctionCall.Effect, plan.Codec, context.CancellationToken);
        if (!round.IsCompletedSuccessfully)
        {
            return FinishAsync(round, session, plan, context);
        }

        GovernedResult<FunctionResult> result = round.Result;
        return result.IsAllowed && ReferenceEquals(result.Value, context.Result) ? Task.CompletedTask : FinishAsync(new(result), session, plan, context);
    }

    private async Task FinishAsync(ValueTask<GovernedResult<FunctionResult>> round, GovernanceSession session, FunctionPlan plan, FunctionInvocationContext context)
    {
        GovernanceDeniedException denied;
        try
        {
            GovernedResult<FunctionResult> result = await round.ConfigureAwait(false);
            if (result.IsAllowed)
            {
                context.Result = result.Value!;
                return;
            }

            denied = new GovernanceDeniedException(result.Decision, result.DecisionId);
        }
        catch (RefusedException refused)
        {
            denied = await governor.RefuseAsync(plan.Template, session, null, refused.Reason).ConfigureAwait(false);
        }

        // What is withheld must not be read by a filter further out that catches the exception.
        context.Result = new FunctionResult(context.Function, null, context.Kernel.Culture);
        throw denied;
    }

    private async Task RunAutoAsync(GovernanceSession session, AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
    {
        FunctionPlan plan = governor.ToolPlanFor(context.Function);
        GovernedAction action = governor.Action(plan, context.Arguments, session, context.ToolCallId, out Dictionary<string, Type>? types);
        try
        {
            GovernedResult<FunctionResult> result = await governor.Governance.InvokeAsync(
                action,
                (Governor: governor, Context: context, Next: next, Plan: plan, Types: types),
                static (call, operation, _) => RunToolAsync(call.Governor, new AutoCall(call.Plan, operation.Payload, call.Types), call.Context, call.Next),
                plan.Codec,
                context.CancellationToken).ConfigureAwait(false);
            if (!KernelHooks.ArePresent(context.Kernel, governor.Governance))
            {
                // The next call of the loop would run without a decision.
                Deny(context, (await governor.RefuseAsync(plan.Template, session, context.ToolCallId, ReasonCodes.BypassDetected).ConfigureAwait(false)).Message);
                context.Terminate = true;
            }
            else if (result.IsAllowed)
            {
                context.Result = result.Value!;
            }
            else
            {
                Deny(context, GovernanceDeniedException.Describe(result.Decision, result.DecisionId));
            }
        }
        catch (RefusedException refused)
        {
            Deny(context, (await governor.RefuseAsync(plan.Template, session, context.ToolCallId, refused.Reason).ConfigureAwait(false)).Message);
        }
    }

    private static async ValueTask<FunctionResult> RunToolAsync(
        SemanticKernelGovernor governor, AutoCall decided, AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
    {
        // A prompt is input to a model as well, and its function filter decides on that.
        governor.AutoCall = governor.PlanFor(context.Function).IsPrompt ? null : decided;
        ArgumentsUndo? undo = context.Arguments is null ? null : decided.Restore(context.Arguments);
        try
        {
            await next(context).ConfigureAwait(false);
            return context.Result;
        }
        finally
        {
            undo?.Revert();
        }
    }

    private void Deny(AutoFunctionInvocationContext context, string publicText)
    {
        context.Result = new FunctionResult(context.Function, publicText, context.Kernel.Culture);
        context.Terminate |= governor.TurnOf(context.ChatHistory).IsOnceTooOften(governor.ToolPlanFor(context.Function), context.Arguments, governor.Options.MaxDeniedRepeats)
            | governor.Options.TerminateOnDeny;
    }
}
