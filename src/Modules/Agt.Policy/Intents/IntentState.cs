namespace Agt.Policy.Intents;

/// <summary>Where a declared intent stands (spec 01, POL-199).</summary>
public enum IntentState
{
    /// <summary>It says what is planned, and nobody has approved it: nothing runs.</summary>
    Declared,

    /// <summary>Somebody approved it; what is planned may run.</summary>
    Approved,

    /// <summary>Something that is planned has run or is running.</summary>
    Executing,

    /// <summary>It was finished: nothing runs any more.</summary>
    Completed,

    /// <summary>Something was tried that was not planned, and the intent says that this ends it: nothing runs any more.</summary>
    Violated,

    /// <summary>Its time is over: nothing runs any more.</summary>
    Expired,
}
