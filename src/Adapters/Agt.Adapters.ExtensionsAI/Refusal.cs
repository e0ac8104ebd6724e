using Agt.Adapters.ExtensionsAI.Chat;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI;

/// <summary>
/// Thrown out of an effect before it did anything, because what was decided cannot be carried out. The chain records the action as failed; the adapter then has the refusal itself
/// decided on and recorded (<see cref="DecideAsync(IGovernance, GovernedAction)"/>), so that there is a deny with its reason, and turns that into a result. It never leaves the adapter.
/// </summary>
internal sealed class Refusal : Exception
{
    internal Refusal(ReasonCode reason, Exception? inner = null)
        : base(reason.Code, inner) => Reason = reason;

    internal ReasonCode Reason { get; }

    /// <summary>Denies an action that was allowed but could not be carried out.</summary>
    internal async ValueTask<Denial> DecideAsync(IGovernance governance, GovernedAction action)
    {
        return await DecideAsync(governance, action.Template, action.Session, action.CallId, action.Parent).ConfigureAwait(false);
    }

    /// <summary>Denies a call of a tool that has no function here.</summary>
    internal ValueTask<Denial> DecideAsync(ChatGovernor governor, ToolCallContent call, GovernanceSession session, GovernedAction? parent)
    {
        ToolIdentity tool = ToolNames.Identify((call as FunctionCallContent)?.Name ?? "hosted-tool", out _);
        return DecideAsync(
            governor.Governance, new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, tool, ChatGovernor.Framework), session, call.CallId, parent);
    }

    private async ValueTask<Denial> DecideAsync(IGovernance governance, ActionTemplate template, GovernanceSession session, string? callId, GovernedAction? parent)
    {
        var refused = new GovernedAction(template, session, default, callId: callId, parent: parent, refusal: Reason);
        GovernedOperation operation = await governance.AuthorizeAsync(refused, CancellationToken.None).ConfigureAwait(false);
        await using (operation.ConfigureAwait(false))
        {
            return new Denial(operation.Decision, operation.DecisionId);
        }
    }
}
