using Agt.Values;

namespace Agt.Audit;

/// <summary>One decision, as handed to the log.</summary>
/// <param name="Id">Names the decision.</param>
/// <param name="Timestamp">When (UTC).</param>
/// <param name="Action">The action.</param>
/// <param name="Decision">The decision.</param>
/// <param name="Payload">The payload as it will run.</param>
/// <param name="Approver">Who approved, if somebody was asked.</param>
public readonly record struct DecisionRecord(
    DecisionId Id, DateTimeOffset Timestamp, GovernedAction Action, Decision Decision, GovernedValue Payload, string? Approver)
{
    /// <summary>Keeps the payload readable beyond the append; release the arena when it has been digested or sealed. Null if the payload lives on its own.</summary>
    public ValueArena? LeasePayload()
    {
        ValueArena? arena = Action.Arena;
        arena?.AddLease();
        return arena;
    }
}
