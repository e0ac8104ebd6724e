namespace Agt;

/// <summary>What became of an action, for the after phase.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Exception">What it threw, if it did.</param>
public readonly record struct Outcome(OutcomeStatus Status, Exception? Exception = null)
{
    /// <summary>Whether the effect started.</summary>
    public bool Executed => Status != OutcomeStatus.Denied;

    /// <summary>Whether the effect was let go before its end: nobody has seen all of its result, such as a stream whose reader stopped early (spec 08, ADP-135).</summary>
    public bool IsPartial => Status == OutcomeStatus.Abandoned;
}
