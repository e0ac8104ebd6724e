namespace Agt.Policy.Compilation;

/// <summary>How many characters one evaluation may still scan. Counting, not time, so that the same action always ends the same way.</summary>
internal struct WorkBudget(long characters)
{
    private long _left = characters;

    /// <summary>Takes some; false once they are used up.</summary>
    internal bool TryTake(long characters) => (_left -= characters) >= 0;
}
