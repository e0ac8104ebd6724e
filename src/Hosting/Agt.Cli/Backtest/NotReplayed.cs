namespace Agt.Cli.Backtest;

/// <summary>Why a record cannot be decided on again.</summary>
internal enum NotReplayed
{
    /// <summary>It can.</summary>
    None,

    /// <summary>It is no decision: an outcome, an event, the log's own.</summary>
    NoDecision,

    /// <summary>The log keeps only the digest of its arguments.</summary>
    NoArguments,

    /// <summary>It holds a number that JSON cannot carry exactly, or is not what a decision record looks like.</summary>
    Unreadable,
}
