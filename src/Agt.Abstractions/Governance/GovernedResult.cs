namespace Agt;

/// <summary>What came of a governed round.</summary>
/// <param name="Decision">The decision that holds in the end: the one on the result if that denied, else the one before the action.</param>
/// <param name="ResultDecision">The decision on the result; null when the effect did not run.</param>
/// <param name="Value">The result, possibly changed by a transform; default when it was denied or withheld.</param>
/// <param name="Executed">Whether the effect ran. True with a denying decision means that the result is withheld.</param>
/// <param name="DecisionId">Names the decision before the action.</param>
public readonly record struct GovernedResult<TResult>(Decision Decision, Decision? ResultDecision, TResult? Value, bool Executed, DecisionId DecisionId)
{
    /// <summary>Whether there is a result to hand on.</summary>
    public bool IsAllowed => Decision.IsAllowed;
}
