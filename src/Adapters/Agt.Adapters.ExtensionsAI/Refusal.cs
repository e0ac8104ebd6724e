namespace Agt.Adapters.ExtensionsAI;

/// <summary>
/// Thrown out of an effect before it did anything, because what was decided cannot be carried out. The chain records the action as failed; the adapter then has the refusal itself
/// decided on and recorded (<see cref="DecideAsync"/>), so that there is a deny with its reason, and turns that into a result. It never leaves the adapter.
/// </summary>
internal sealed class Refusal : Exception
{
    internal Refusal(ReasonCode reason, Exception? inner = null)
        : base(reason.Code, inner) => Reason = reason;

    internal ReasonCode Reason { get; }

    /// <summary>Denies an action that was allowed but could not be carried out.</summary>
    internal async ValueTask<Denial> DecideAsync(IGovernance governance, GovernedAction action)
    {
        var refused = new GovernedAction(action.Template, action.Session, default, callId: action.CallId, parent: action.Parent, refusal: Reason);
        GovernedOperation operation = await governance.AuthorizeAsync(refused, CancellationToken.None).ConfigureAwait(false);
        await using (operation.ConfigureAwait(false))
        {
            return new Denial(operation.Decision, operation.DecisionId);
        }
    }
}
